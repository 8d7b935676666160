"""`/`: what this is and where to go on."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.api_page import HEADERS, page
from kit.settings import settings

TITLE = "民政社区社会组织平台"
DEMO = "<p><strong>演示数据</strong>：本系统中的组织、人员和事项均为虚构。</p>"


def body() -> str:
    """The page's text."""
    configuration = escape(f"{settings().issuer}/.well-known/openid-configuration")
    return (
        (DEMO if settings().demo else "")
        + "<p>社区社会组织备案、管理与服务的省级平台。本地址提供接口服务。</p><ul>"
        "<li><a href='/api'>接口说明</a>（<a href='/api/openapi.json'>OpenAPI 3.1</a>）</li>"
        "<li><a href='/api/problems'>错误种类</a></li>"
        "<li><a href='/health'>运行状况</a></li></ul>"
        "<h2>登录</h2><p><a href='/sign-in'>登录</a> · <a href='/sign-in/post'>登录身份与退出</a></p>"
        f"<p>接口调用：统一登录服务（OpenID Connect）：<code>{configuration}</code>。"
        "取得访问令牌后，在请求头 <code>Authorization: Bearer …</code> 中提交；"
        "有多个岗位的，在请求头 <code>Minzheng-Post</code> 中注明岗位编号，"
        "<code>self</code> 表示以本人身份办理。"
        "有多个岗位而未注明的，答复中会列出可选的岗位。</p>"
    )


def home_route() -> Route:
    """`/`."""
    html = page(TITLE, body())

    async def show(_request: Request) -> Response:
        return HTMLResponse(html, headers=HEADERS)

    return Route("/", show)
