"""The two pages of the issuer: signing in, confirming a logout."""

from html import escape

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


def page(title: str, body: str) -> str:
    """A page in the issuer's frame."""
    return (
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f'<body><div class="demo">演示环境 · 人员均为虚构</div><main><h1>{escape(title)}</h1>{body}</main></body></html>'
    )


def login_page(title: str, action: str, error: str = "") -> str:
    """The login form."""
    notice = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return page(
        title,
        f'{notice}<form method="post" action="{escape(action)}">'
        '<label for="username">用户名</label>'
        '<input id="username" name="username" autocomplete="username" autofocus required>'
        '<label for="password">密码</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        '<button type="submit">登录</button></form>',
    )


def logout_page(title: str, action: str) -> str:
    """Asks before a logout that names no login."""
    return page(
        title,
        f'<form method="post" action="{escape(action)}"><p>确认退出登录?</p>'
        '<button type="submit">退出登录</button></form>',
    )


def message_page(title: str, text: str) -> str:
    """A page that only says something."""
    return page(title, f"<p>{escape(text)}</p>")
