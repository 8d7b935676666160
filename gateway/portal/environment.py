"""Templates: every one is compiled at start, none is read while serving."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from gateway.portal.filters import FILTERS
from gateway.portal.language import gettext, ngettext
from gateway.portal.menu import public_menu, there
from gateway.portal.served import built, static_url
from kit.settings import settings

FOLDER = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """The environment with every template compiled. Raises TemplateSyntaxError for a broken one."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {name: unfolded(one) for name, one in FILTERS.items()}
    made.globals |= {
        "static_url": static_url,
        "built": built,
        "demo": settings().demo,
        "public_menu": public_menu,
        "there": there,
    }
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)
    return made


def unfolded(filter: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that is never worked out while compiling: its answer depends on the page's language."""

    @pass_context
    def apply(_context: Context, *arguments: Any) -> Any:
        return filter(*arguments)

    return apply


def render(name: str, /, **values: Any) -> str:
    """A template with its values; UndefinedError for a value it misses."""
    return environment().get_template(name).render(**values)
