"""收到推送后先验签(Standard Webhooks 1.0.0),再按 webhook-id 去重。只用标准库。

verify(secret, headers, body) 验不过时抛出 ValueError;body 是原始字节,验签前不要解析。
"""

import base64
import hashlib
import hmac
import sys
import time
from collections.abc import Mapping

TOLERANCE = 300
"""时间戳与本机时间最多相差的秒数。"""


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> None:
    """验证一次推送。headers 的名称为小写。"""
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not event_id or not timestamp.isascii() or not timestamp.isdigit():
        raise ValueError("headers")
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE:
        raise ValueError("timestamp")
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    content = f"{event_id}.{timestamp}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())
    for part in headers.get("webhook-signature", "").split(" "):
        version, _, signature = part.partition(",")
        if version == "v1" and hmac.compare_digest(signature.encode(), wanted):
            return
    raise ValueError("signature")


def main() -> None:
    """一行一次推送,以制表符分隔:密钥 编号 时间戳 签名 正文(base64) 当前时间。"""
    for line in sys.stdin:
        secret, event_id, timestamp, signature, body, now = line.rstrip("\n").split("\t")
        headers = {
            "webhook-id": event_id, "webhook-timestamp": timestamp, "webhook-signature": signature,
        }  # fmt: skip
        try:
            verify(secret, headers, base64.b64decode(body), float(now))
            print("ok")
        except ValueError:
            print("refused")


if __name__ == "__main__":
    main()
