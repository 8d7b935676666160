"""An address that Keycloak calls by itself when a single sign-on ends: a small server on loopback."""

from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl


@dataclass
class Portal:
    """Keeps the forms it is sent."""

    forms: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        kept = self.forms

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                kept.append(dict(parse_qsl(body)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def tokens(self) -> list[str]:
        """The logout tokens among them."""
        return [form["logout_token"] for form in self.forms]

    @property
    def url(self) -> str:
        """Where it is called."""
        return f"http://127.0.0.1:{self.server.server_port}/sign-out/back-channel"

    def go_away(self) -> None:
        """Answer no more."""
        if self.thread.is_alive():
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
