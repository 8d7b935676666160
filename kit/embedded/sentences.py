"""Why the embedded run cannot start, in words for the person at the terminal."""

import socket


class StartError(RuntimeError):
    """The run cannot start; the text is for the person who started it (Chinese, then English)."""


def require_free(host: str, port: int, setting: str) -> None:
    """Raise StartError naming the setting to change when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"端口 {port} 已被占用，请设置 {setting} 改用其他端口。\n"
                f"Port {port} is taken ({error.strerror}); choose another one with {setting}."
            ) from error
