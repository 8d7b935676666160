import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * 收到推送后先验签(Standard Webhooks 1.0.0),再按 webhook-id 去重。只用标准库,Java 11 及以上。
 * body 是原始字节,验签前不要解析。
 */
public final class Verify {
    /** 时间戳与本机时间最多相差的秒数。 */
    static final long TOLERANCE = 300;

    private Verify() {}

    /** 验证一次推送;now 为自 1970 年起的秒数。 */
    public static boolean verify(
            String secret, String id, String timestamp, String signatures, byte[] body, long now)
            throws Exception {
        if (id == null || id.isEmpty() || timestamp == null || !timestamp.matches("[0-9]{1,15}")) {
            return false;
        }
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE) {
            return false;
        }
        String key = secret.startsWith("whsec_") ? secret.substring(6) : secret;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] wanted = mac.doFinal(body);
        for (String part : (signatures == null ? "" : signatures).split(" ")) {
            if (part.startsWith("v1,") && same(part.substring(3), wanted)) {
                return true;
            }
        }
        return false;
    }

    /** 比较所用时间与内容无关。 */
    private static boolean same(String signature, byte[] wanted) {
        byte[] given = signature.getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, Base64.getEncoder().encode(wanted));
    }

    /** 一行一次推送,以制表符分隔:密钥 编号 时间戳 签名 正文(base64) 当前时间。 */
    public static void main(String[] args) throws Exception {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] part = line.split("\t", -1);
            byte[] body = Base64.getDecoder().decode(part[4]);
            long now = Long.parseLong(part[5]);
            boolean good = verify(part[0], part[1], part[2], part[3], body, now);
            System.out.println(good ? "ok" : "refused");
        }
    }
}
