"""Files in the OpenAPI document: the two addresses that are not in a contract."""

from typing import Any

from gateway.uploads.inspection.media import MEDIA_TYPES

TEXT: dict[str, Any] = {"type": "string"}
RECEIPT = {
    "type": "object",
    "properties": {
        "fileId": {"type": "string", "format": "uuid"},
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "mediaType": {"type": "string", "enum": list(MEDIA_TYPES)},
        "size": {"type": "integer", "minimum": 1},
        "receipt": {"type": "string", "description": "签名回执，提交材料时填入 receipt。"},
    },
    "required": ["fileId", "sha256", "mediaType", "size", "receipt"],
}
NAME = {
    "name": "Content-Disposition",
    "in": "header",
    "description": "可选：原文件名，例如 attachment; filename*=UTF-8''a.pdf。仅用于核对扩展名，不保存。",
    "schema": {"type": "string", "maxLength": 2000},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "可选：由您生成的 UUID(建议 UUIDv7)。同一值、同一内容重试得到同一文件；内容不同则返回 409。",
    "schema": {"type": "string", "format": "uuid"},
}
FILE_ID = {
    "name": "fileId",
    "in": "path",
    "required": True,
    "description": "上传时得到的 fileId。",
    "schema": {"type": "string", "format": "uuid"},
}
BINARY = {"schema": {"type": "string", "format": "binary"}}


def problems(*statuses: int) -> dict[str, Any]:
    """The shared descriptions of refusals."""
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


UPLOAD: dict[str, Any] = {
    "post": {
        "operationId": "uploads.create",
        "tags": ["uploads"],
        "summary": "上传文件",
        "description": (
            "正文即文件内容，不超过 20 MB；文件类型以内容为准，扩展名和 Content-Type 如有注明须与内容相符。"
            "图片的拍摄地点、设备等附加信息在保存前去除，sha256 与 size 是保存后的值。"
            "7 天内未在任何事项中使用的文件会被删除。"
        ),
        "parameters": [NAME, KEY],
        "requestBody": {"required": True, "content": {"application/octet-stream": BINARY}},
        "responses": {
            "201": {"description": "已保存", "content": {"application/json": {"schema": RECEIPT}}},
            **problems(401, 403, 408, 409, 413, 415, 422, 429, 431, 500, 503),
        },
    }
}
DOWNLOAD: dict[str, Any] = {
    "get": {
        "operationId": "files.get",
        "tags": ["uploads"],
        "summary": "取回本人上传的文件",
        "description": "只有上传人本人可以取回；一律作为附件下载。",
        "parameters": [FILE_ID],
        "responses": {
            "200": {"description": "文件", "content": dict.fromkeys(MEDIA_TYPES, BINARY)},
            **problems(401, 403, 404, 422, 431, 500, 503),
        },
    }
}
PATHS = {"/api/v1/uploads": UPLOAD, "/api/v1/files/{fileId}": DOWNLOAD}
