// 收到推送后先验签(Standard Webhooks 1.0.0),再按 webhook-id 去重。只用标准库。
package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// tolerance 是时间戳与本机时间最多相差的秒数。
const tolerance = 300

// Verify 验证一次推送;body 是原始字节,验签前不要解析,now 为自 1970 年起的秒数。
func Verify(secret, id, timestamp, signatures string, body []byte, now int64) error {
	stamp, err := strconv.ParseUint(timestamp, 10, 50)
	if id == "" || err != nil {
		return errors.New("headers")
	}
	if late := now - int64(stamp); late > tolerance || late < -tolerance {
		return errors.New("timestamp")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return errors.New("secret")
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	wanted := []byte("v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, part := range strings.Split(signatures, " ") {
		if hmac.Equal([]byte(part), wanted) {
			return nil
		}
	}
	return errors.New("signature")
}

// 一行一次推送,以制表符分隔:密钥 编号 时间戳 签名 正文(base64) 当前时间。
func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		part := strings.Split(lines.Text(), "\t")
		body, _ := base64.StdEncoding.DecodeString(part[4])
		now, _ := strconv.ParseInt(part[5], 10, 64)
		if Verify(part[0], part[1], part[2], part[3], body, now) == nil {
			fmt.Println("ok")
		} else {
			fmt.Println("refused")
		}
	}
}
