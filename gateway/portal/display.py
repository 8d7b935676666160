"""How a person wants pages: language, 长者版, 高对比. Kept in a cookie that says nothing else."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.portal.headers import PRIVATE
from gateway.portal.language import CHINESE, ENGLISH
from gateway.session.domain import local_path

COOKIE = "display"
YEAR = 31_536_000
PATH = "/display"
CHOICES = ("elder", "contrast", ENGLISH)


@dataclass(frozen=True, slots=True)
class Display:
    """What was chosen."""

    language: str = CHINESE
    elder: bool = False
    contrast: bool = False

    @classmethod
    def of(cls, request: Request) -> "Display":
        """Of a request's cookie: names of choices with dots between."""
        chosen = request.cookies.get(COOKIE, "").split(".")
        language = ENGLISH if ENGLISH in chosen else CHINESE
        return cls(language, "elder" in chosen, "contrast" in chosen)

    @property
    def chosen(self) -> frozenset[str]:
        """Names of what is switched on."""
        flags = (("elder", self.elder), ("contrast", self.contrast), (ENGLISH, self.language == ENGLISH))  # fmt: skip
        return frozenset(name for name, on in flags if on)

    @property
    def classes(self) -> str:
        """Classes of the page."""
        return " ".join(sorted(self.chosen - {ENGLISH}))

    def switched(self, name: str) -> str:
        """Value of the cookie after a switch."""
        return ".".join(sorted(self.chosen ^ {name}))


async def switch(request: Request) -> Response:
    """Switch one choice and go back to the page; what is unknown switches nothing."""
    name = request.query_params.get("switch", "")
    response = RedirectResponse(local_path(request.query_params.get("next", ""), "/"), 303, PRIVATE)
    if name in CHOICES:
        value = Display.of(request).switched(name)
        # Readable by scripts, since boot.js sets the classes of a page out of a cache.
        response.set_cookie(COOKIE, value, max_age=YEAR, path="/", samesite="lax")
    return response


def display_route() -> Route:
    """`/display`."""
    return Route(PATH, switch)
