"""The REST interface as a page to read (`/api`) and the list of refusals (`/api/problems`)."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from itertools import groupby

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.openapi.codes import Told, codes
from gateway.transcoding.template import binding_of
from kit.contracts import Rpc, comments
from kit.errors import Kind
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import Role

STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #767676;padding:.4rem;"
    "text-align:left;vertical-align:top}td:nth-child(2){min-width:11em}"
    "code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
    f"style-src 'self' 'sha256-{_DIGEST}'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "manifest-src 'self'; report-uri /csp",
    # Without a referrer browsers send `Origin: null` with forms, and those are refused.
    "Referrer-Policy": "same-origin",
}
"""Headers of every page."""


def page(title: str, body: str) -> str:
    """A page without any outside asset."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )


def table(heads: Iterable[str], rows: Iterable[str]) -> str:
    """A table of rows already in HTML."""
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def roles_of(rpc: Rpc) -> str:
    """Chinese names of the roles that may call."""
    roles = dict.fromkeys(role for row in rpc.access.rows for role in row.roles)
    enum = "minzheng.common.v1.Role.ROLE_"
    return "、".join(comments().get(enum + Role(role).name, Role(role).name) for role in roles)


def row_of(rpc: Rpc) -> str:
    """One RPC with its addresses."""
    bound = [binding_of(rule) for rule in rpc.routes]
    where = "<br>".join(
        f"<code>{method} {escape(template.text)}</code>" for method, template in bound
    )
    cells = (where, escape(rpc.summary), escape(roles_of(rpc)))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def access() -> str:
    """How a program signs on and says under which post it calls."""
    configuration = escape(f"{settings().issuer}/.well-known/openid-configuration")
    return (
        f"<p>统一登录服务（OpenID Connect）：<code>{configuration}</code>。"
        "取得访问令牌后，在请求头 <code>Authorization: Bearer …</code> 中提交；"
        "有多个岗位的，在请求头 <code>Minzheng-Post</code> 中注明岗位编号，"
        "<code>self</code> 表示以本人身份办理。"
        "有多个岗位而未注明的，答复中会列出可选的岗位。</p>"
    )


def interface(rpcs: Iterable[Rpc]) -> str:
    """Every operation, grouped by service."""
    routed = [rpc for rpc in rpcs if rpc.routes]
    parts = [
        "<p>机器可读的定义:<a href='/api/openapi.json'>OpenAPI 3.1</a>。"
        "错误说明:<a href='/api/problems'>错误种类</a>。</p>",
        access(),
    ]
    for name, found in groupby(routed, key=lambda rpc: f"{rpc.package}.{rpc.service}"):
        heading = comments().get(name, name).partition("\n")[0]
        parts += f"<h2>{escape(heading)}</h2>", table(("地址", "用途", "岗位"), map(row_of, found))
    return page("接口说明", "".join(parts))


def problems() -> str:
    """Every kind of refusal with its status."""
    rows = (
        f"<tr><td><code>{kind.wire}</code></td><td>{kind.http}</td><td>{escape(kind.title)}</td></tr>"
        for kind in Kind
    )
    intro = (
        "<p>错误以 application/problem+json 答复:<code>code</code> 是稳定的代码，"
        "<code>detail</code> 是说明，<code>violations</code> 逐项列出有问题的字段，"
        "<code>traceId</code> 供求助时提供。</p>"
    )
    kinds = table(("种类", "HTTP 状态", "含义"), rows)
    listed = table(("代码", "HTTP 状态", "说明"), map(code_row, sorted(codes().items())))
    return page("错误种类", f"{intro}{kinds}<h2>代码</h2>{listed}")


def code_row(known: tuple[str, Told]) -> str:
    """One code; its anchor is what the `type` of a problem names."""
    code, told = known
    status = told["status"] or ""
    return (
        f"<tr id='{code}'><td><code>{code}</code></td><td>{status}</td>"
        f"<td>{escape(told['detail'])}</td></tr>"
    )


def _route(path: str, html: str) -> Route:
    async def show(_request: Request) -> Response:
        return HTMLResponse(html, headers=HEADERS)

    return Route(path, show)


def page_route(rpcs: Iterable[Rpc]) -> Route:
    """`/api`."""
    return _route("/api", interface(rpcs))


def problems_route() -> Route:
    """`/api/problems`, what the `type` of a problem points at."""
    return _route("/api/problems", problems())
