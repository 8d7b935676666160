"""OpenAPI 3.1 of the REST interface, written from the contracts and their comments."""

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from protobuf import DescField, DescMessage
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.openapi.codes import codes
from gateway.openapi.links import add_links
from gateway.openapi.schemas import Schema, Schemas, component_name
from gateway.transcoding import headers
from gateway.transcoding.binding import HEADER_FIELDS, compile_operation
from gateway.transcoding.fields import Place
from gateway.transcoding.operation import Operation
from gateway.uploads.openapi import PATHS
from kit.contracts import Rpc, comments
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import PersonalFields, Relation, Role
from proto.gen.minzheng.common.v1.file_pb import FileContent
from proto.gen.minzheng.common.v1.problem_pb import FieldViolation

UUID = {"type": "string", "format": "uuid"}
KEY = {
    "name": headers.KEY,
    "in": "header",
    "required": True,
    "description": "由调用方生成的 UUID(建议 UUIDv7)；重试同一请求时使用同一个值。",
    "schema": UUID,
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "上次读取时得到的 ETag；内容已被他人更新时答复 412。省略则不比较。",
    "schema": {"type": "string", "pattern": r'^(\*|(W/)?"[0-9]{1,10}")$', "examples": ['"3"', "*"]},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "已有内容的 ETag；没有变化时答复 304。",
    "schema": {"type": "string"},
}
ETAG = {"description": "内容的版本", "schema": {"type": "string"}}
REFUSALS = {
    400: "请求格式有误",
    401: "请先登录",
    403: "没有办理权限",
    404: "未找到，或无权查看",
    408: "请求正文没有及时送达",
    409: "与当前状态冲突",
    412: "内容已被更新",
    413: "请求过大",
    415: "媒体类型不支持",
    422: "内容不符合要求",
    429: "请求过于频繁",
    431: "请求头过大",
    500: "系统内部错误",
    503: "服务暂不可用",
    504: "处理超时",
}
EVERYWHERE = (400, 401, 403, 404, 422, 429, 431, 500, 503, 504)
WITH_BODY = (408, 413, 415)


def document(rpcs: Iterable[Rpc]) -> Schema:
    """The document for these RPCs."""
    schemas = Schemas()
    paths: dict[str, Schema] = dict(PATHS)
    tags = {}
    for rpc in rpcs:
        tags[tag_of(rpc)] = comments().get(f"{rpc.package}.{rpc.service}", "").partition("\n")[0]
        for at, rule in enumerate(rpc.routes):
            bound = compile_operation(rpc, rule)
            where = paths.setdefault(path_of(bound), {})
            where[bound.method.lower()] = operation_of(bound, schemas, at)
    add_links(paths, schemas.components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "民政社区社会组织平台接口",
            "version": version("minzheng"),
            "description": "由接口契约生成。错误一律为 application/problem+json。",
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": components(schemas),
        "security": [{"oidc": []}, {"bearer": []}],
    }


def tag_of(rpc: Rpc) -> str:
    """Operations are grouped by the part of the platform they belong to."""
    return rpc.package.split(".")[1]


def path_of(bound: Operation) -> str:
    """Path with variables by their JSON names."""
    text = bound.template.text
    for key, dotted in bound.template.variables.items():
        text = text.replace(f"{{{dotted}}}", f"{{{bound.path[key].name}}}")
    return text


def operation_of(bound: Operation, schemas: Schemas, at: int) -> Schema:
    """An operation; `at` tells additional bindings of one RPC apart."""
    rpc = bound.rpc
    found: Schema = {
        "operationId": f"{rpc.service}.{rpc.name}" + (f".{at + 1}" if at else ""),
        "tags": [tag_of(rpc)],
        "summary": rpc.summary,
        "parameters": parameters(bound, schemas),
        "responses": responses(bound, schemas),
        "x-minzheng-access": access(rpc),
    }
    if rpc.description:
        found["description"] = rpc.description
    if bound.body:
        found["requestBody"] = request_body(bound, schemas)
    if any(Role.ANONYMOUS in row.roles for row in rpc.access.rows):
        found["security"] = [{}, {"oidc": []}, {"bearer": []}]
    return found


def parameters(bound: Operation, schemas: Schemas) -> list[Schema]:
    """Path, query and header parameters."""
    query = {place.name: place for place in bound.query.values()}
    found = [parameter(place, "path", schemas) for place in bound.path.values()]
    found += [parameter(place, "query", schemas) for place in query.values()]
    if bound.keyed:
        found.append(KEY)
    if bound.versioned and bound.method != "GET":
        found.append(IF_MATCH)
    if bound.method == "GET" and bound.version_of:
        found.append(IF_NONE_MATCH)
    return found


def parameter(place: Place, where: str, schemas: Schemas) -> Schema:
    """One parameter; the comment stands beside its schema."""
    last = place.steps[-1]
    schema = schemas.field(last)
    found: Schema = {"name": place.name, "in": where, "schema": schema}
    if "description" in schema:
        found["description"] = schema.pop("description")
    if where == "path" or (len(place.steps) == 1 and is_required(last, schemas)):
        found["required"] = True
    return found


def is_required(field: DescField, schemas: Schemas) -> bool:
    """The rules refuse the field's absence."""
    return field.json_name in schemas.object_of(field.parent).get("required", ())


def request_body(bound: Operation, schemas: Schemas) -> Schema:
    """The body without what path and headers carry."""
    kind = (bound.body_kind or bound.rpc.request).desc()
    if bound.body == "*":
        carried = {place.steps[0].name for place in bound.path.values()} | set(HEADER_FIELDS)
        name = component_name(kind.type_name)
        whole = schemas.components[name] = schemas.object_of(kind, frozenset(carried))
        return json_body({"$ref": f"#/components/schemas/{name}"}, "required" in whole)
    return json_body(schemas.message(kind), required=True)


def json_body(schema: Schema, required: bool) -> Schema:
    """A body in JSON."""
    return {"content": {"application/json": {"schema": schema}}, "required": required}


def responses(bound: Operation, schemas: Schemas) -> Schema:
    """The answer and every refusal that may come."""
    shown = bound.answer_kind.desc()
    answer: Schema = {
        "description": comments().get(shown.type_name, bound.rpc.summary),
        "content": content_of(shown, schemas),
    }
    if bound.version_of:
        answer["headers"] = {"ETag": ETAG}
    found: Schema = {"200": answer}
    if bound.version_of and bound.method == "GET":
        found["304"] = {"description": "没有变化"}
    return found | {str(one): refusal(one) for one in statuses(bound)}


def content_of(shown: DescMessage, schemas: Schemas) -> Schema:
    """JSON, or a file of any type."""
    if shown.type_name == FileContent.desc().type_name:
        return {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    return {"application/json": {"schema": schemas.message(shown)}}


def statuses(bound: Operation) -> list[int]:
    """Statuses of refusals."""
    more = (WITH_BODY if bound.body else ()) + ((409,) if bound.method != "GET" else ())
    return sorted({*EVERYWHERE, *more, *((412,) if bound.versioned else ())})


def refusal(status: int) -> Schema:
    """Reference to a shared refusal."""
    return {"$ref": f"#/components/responses/{status}"}


def access(rpc: Rpc) -> Schema:
    """Who may call: the rows of the policy table."""
    rows = [
        {
            "roles": [Role(role).name for role in row.roles],
            "relation": Relation(row.relation).name,
            "states": list(row.states),
            "personalFields": PersonalFields(row.personal_fields).name,
        }
        for row in rpc.access.rows
    ]
    roles = list(dict.fromkeys(role for row in rows for role in row["roles"]))
    return {"action": rpc.access.action, "roles": roles, "fresh": rpc.access.fresh, "rows": rows}


def components(schemas: Schemas) -> Schema:
    """Shared parts: schemas, refusals, sign-on."""
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "schemas": dict(sorted({**schemas.components, "Problem": problem_schema(schemas)}.items())),
        "responses": {
            str(status): {"description": text, "content": problem}
            for status, text in REFUSALS.items()
        },
        "securitySchemes": {
            "oidc": {
                "type": "openIdConnect",
                "openIdConnectUrl": f"{settings().issuer}/.well-known/openid-configuration",
            },
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        },
    }


def problem_schema(schemas: Schemas) -> Schema:
    """Schema of `application/problem+json` as this gateway writes it."""
    text: dict[str, Any] = {"type": "string"}
    members = dict.fromkeys(("type", "title", "detail", "code", "traceId"), text)
    violation = schemas.object_of(FieldViolation.desc())
    return {
        "type": "object",
        "properties": {
            **members,
            "code": text | {"description": "稳定的代码。", "x-minzheng-codes": codes()},
            "status": {"type": "integer"},
            "violations": {"type": "array", "items": violation},
        },
        "required": [*members, "status", "violations"],
    }


def document_route(rpcs: Iterable[Rpc]) -> Route:
    """`/api/openapi.json`, written once, with its own ETag."""
    content = json.dumps(document(rpcs), ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    known = {"ETag": tag, "Cache-Control": "no-cache"}

    async def openapi(request: Request) -> Response:
        if headers.matches(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=known)
        return Response(content, headers=known, media_type="application/json")

    return Route("/api/openapi.json", openapi)
