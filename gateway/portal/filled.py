"""A form of the contract on a page: texts and faults put where the macros look for them."""

from collections.abc import Sequence

from gateway.portal.forms import Faults, Form, Page, Texts, show
from gateway.portal.forms.reading import texts_of_post
from gateway.portal.visit import Visit
from kit.errors import Refusal, Violation, invalid

CODE = "portal.form"


def filled(
    visit: Visit, form: Form, texts: Texts, faults: Faults | None = None, focus: str = ""
) -> Page:
    """The form for a template; with faults the page is one of errors."""
    page = show(form, texts, faults, focus)
    # The texts stand in the form now: what was sent may lack a row, or have one too many.
    visit.sent, visit.typed = None, {}
    if faults:
        visit.refused(in_order(page.summary))
    return page


def typed_before(visit: Visit, form: Form) -> Texts:
    """What the person typed here before the sign-on ended; nothing where nothing was put aside."""
    if not visit.aside:
        return {}
    given: dict[str, list[str]] = {}
    for name, text in visit.aside:
        given.setdefault(name, []).append(text)
    return texts_of_post(form, given)


def in_order(summary: Sequence[tuple[str, str]]) -> Refusal:
    """Everything that is wrong with a form, as the page shows it."""
    found = [Violation(name, "form", sentence) for name, sentence in summary]
    return invalid(CODE, f"有 {len(found)} 处内容需要修改。", *found)
