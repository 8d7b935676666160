"""The sign-on reached at the address that processes use, whatever its public name."""

import httpx

from kit.settings import Settings


class Inside(httpx.AsyncHTTPTransport):
    """Takes every request to this address; its Host header stays the sign-on's name.

    The request itself stays as it was: cookies and links belong to the name.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = httpx.URL(address)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of that address."""
        at = self.address
        moved = httpx.Request(
            request.method,
            request.url.copy_with(scheme=at.scheme, host=at.host, port=at.port),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )
        return await super().handle_async_request(moved)


def way_to_sign_on(config: Settings) -> Inside | None:
    """The transport for calls to the sign-on; None where its name leads there."""
    return Inside(config.issuer_address) if config.issuer_address else None
