"""The upload in the OpenAPI document: the one address that is not in a contract."""

from typing import Any

from gateway.uploads.inspection import MEDIA_TYPES

TEXT: dict[str, Any] = {"type": "string"}
RECEIPT = {
    "type": "object",
    "properties": {
        "fileId": {"type": "string", "format": "uuid"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "mediaType": {"type": "string", "enum": list(MEDIA_TYPES)},
        "size": {"type": "integer", "minimum": 1},
        "receipt": {"type": "string", "description": "签名回执,提交材料时填入 receipt。"},
    },
    "required": ["fileId", "sha256", "mediaType", "size", "receipt"],
}
UPLOAD: dict[str, Any] = {
    "post": {
        "operationId": "uploads.create",
        "tags": ["uploads"],
        "summary": "上传文件",
        "description": "正文即文件内容,不超过 20 MB;文件类型以内容为准,Content-Type 仅供参考。",
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        },
        "responses": {
            "201": {"description": "已保存", "content": {"application/json": {"schema": RECEIPT}}},
        }
        | {
            str(status): {"$ref": f"#/components/responses/{status}"}
            for status in (401, 403, 408, 413, 415, 422, 500)
        },
    }
}
