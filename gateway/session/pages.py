"""The pages of signing on: who is signed in and under which post, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from gateway.api_page import HEADERS, page

NO_STORE = {**HEADERS, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A post that may be acted under, and whether it is the present one."""

    post: str
    title: str
    present: bool


def shown(title: str, body: str, status: int = 200) -> Response:
    """A page that nobody keeps."""
    return HTMLResponse(page(title, body), status, NO_STORE)


def form(action: str, hidden: dict[str, str], button: str) -> str:
    """A form of one button."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return f'<form method="post" action="{action}">{fields}<button>{escape(button)}</button></form>'


def posts(name: str, choices: Sequence[Choice], value: str, go_on: str) -> Response:
    """Who is signed in, the posts to choose from, signing out."""
    present = next((one.title for one in choices if one.present), "")
    lines = [f"<p>已登录：<strong>{escape(name or '本人')}</strong></p>"]
    lines.append(
        f"<p>本次办理身份：{escape(present)}</p>" if present else "<p>请选择本次办理的岗位。</p>"
    )
    lines += [choice_line(one, value, go_on) for one in choices]
    lines.append(f"<h2>退出</h2>{form('/sign-out', {'form_value': value}, '退出登录')}")
    return shown("选择岗位" if not present else "登录身份", "".join(lines))


def choice_line(choice: Choice, value: str, go_on: str) -> str:
    """One post as a button; the present one as text."""
    if choice.present:
        return f"<p>✓ {escape(choice.title)}（当前）</p>"
    return form(
        "/sign-in/post", {"form_value": value, "post": choice.post, "next": go_on}, choice.title
    )


def failed(sentence: str, status: int, go_on: str = "") -> Response:
    """A sign-on that was not finished, and the way to try again."""
    again = "/sign-in" + (f"?next={quote(go_on, safe='')}" if go_on else "")
    return shown(
        "登录未完成",
        f"<p role='alert'>{escape(sentence)}</p><p><a href='{escape(again)}'>重新登录</a>"
        " · <a href='/'>返回首页</a></p>",
        status,
    )
