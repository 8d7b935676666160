"""The pages of the issuer: signing in, the one-time code, confirming a logout."""

from dataclasses import dataclass
from html import escape

from kit.embedded.issuer.realm import Realm

STYLE = """
body{margin:0;font:16px/1.6 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;background:#f2f5f9;color:#1d2433}
.demo{background:#a94a00;color:#fff;text-align:center;padding:6px}
main{max-width:360px;margin:8vh auto;background:#fff;border:1px solid #d5dce6;border-radius:8px;padding:28px 32px}
h1{font-size:20px;margin:0 0 20px}label{display:block;margin:14px 0 4px}
input{width:100%;box-sizing:border-box;font:inherit;padding:8px 10px;border:1px solid #8a94a6;border-radius:4px}
button{width:100%;margin-top:22px;font:inherit;padding:10px;border:0;border-radius:4px;background:#0b5cad;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #ffb300;outline-offset:1px}.error{color:#a51d24;margin:0 0 8px}
"""
CSP = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:* http://localhost:*; frame-ancestors 'none'; base-uri 'none'"


BANNER = "演示环境 · 人员均为虚构"
NO_FACTOR = " · 未启用动态口令（双因素认证）"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    title: str
    banner: str


def frame_of(realm: Realm) -> Frame:
    """The frame of a realm: this issuer shows synthetic people only, and says where no code is asked.

    The banner says what the title adds in brackets.
    """
    title = realm.title.partition("（")[0]
    return Frame(title, BANNER + ("" if realm.factors.roles else NO_FACTOR))


def page(frame: Frame, body: str) -> str:
    """A page in the issuer's frame."""
    title = escape(frame.title)
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f'<body><div class="demo">{frame.banner}</div><main><h1>{title}</h1>{body}</main></body></html>'
    )


def notice(error: str) -> str:
    """What went wrong, said aloud by screen readers."""
    return f'<p class="error" role="alert">{escape(error)}</p>' if error else ""


def login_page(frame: Frame, action: str, error: str = "", username: str = "") -> str:
    """The login form; after an error the name that was typed stays."""
    first, then = ("", " autofocus") if username else (" autofocus", "")
    return page(
        frame,
        f'{notice(error)}<form method="post" action="{escape(action)}">'
        '<label for="username">用户名</label><input id="username" name="username" '
        f'value="{escape(username)}" autocomplete="username"{first} required>'
        '<label for="password">密码</label><input id="password" name="password" '
        f'type="password" autocomplete="current-password"{then} required>'
        '<button type="submit">登录</button></form>',
    )


def code_page(frame: Frame, action: str, error: str = "") -> str:
    """The form for a one-time code."""
    return page(
        frame,
        f'{notice(error)}<form method="post" action="{escape(action)}">'
        '<label for="otp">动态口令</label><input id="otp" name="otp" inputmode="numeric" '
        'autocomplete="one-time-code" autofocus required><button type="submit">登录</button></form>',
    )


def logout_page(frame: Frame, action: str) -> str:
    """Asks before a logout that names no login."""
    return page(
        frame,
        f'<form method="post" action="{escape(action)}"><p>确认退出登录？</p>'
        '<button type="submit">退出登录</button></form>',
    )


def message_page(frame: Frame, text: str) -> str:
    """A page that only says something."""
    return page(frame, f"<p>{escape(text)}</p>")
