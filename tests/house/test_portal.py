"""Pages by their sources (U16): controls, scripts, colors, fragments, words, who may come."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from gateway.portal.display import Display
from gateway.portal.environment import environment
from gateway.portal.language import ENGLISH, current
from gateway.portal.page import pages
from gateway.portal.visit import Visit
from gateway.portal.wording import PLACE, worded
from gateway.portal.words import known, missing, renewed, said
from tests.house.problem_codes import told
from tests.portal_unit.requests import request

PORTAL = Path(__file__).parents[2] / "gateway" / "portal"
TEMPLATES = PORTAL / "templates"
FORMS = "macros/forms.html"
EVERY = sorted(TEMPLATES.rglob("*.html"))
PYTHON = sorted((PORTAL / "pages").rglob("*.py"))
CONTROL = re.compile(r"<(?:input|select|textarea)\b")
SEARCH = 'type="search"'
"""A field of search is no form to fill in."""
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:|\|\s*safe|hx-on|Markup"
)
HX = re.compile(r"\bhx-[\w-]+")
ALLOWED = {f"hx-{name}" for name in ("get", "post", "target", "swap", "push-url", "trigger", "sync", "select")}  # fmt: skip
FILTERED = re.compile(r'hx-trigger="[^"]*\[')
COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\(")
CONTROL_NAME = re.compile(r'name="(?:action|method|submit|id|name)"')
LINES = 90
UNSTATED = "说明因情况而定。"
"""Stands in the published codes for a sentence that its call does not state."""
NO_PAGE = {"clock.forbidden", "common.deadline", "common.exhausted"}
"""Codes of a command, and of kinds that never go without advice."""


def name(file: Path) -> str:
    return file.relative_to(TEMPLATES).as_posix()


def found(pattern: re.Pattern[str], files: list[Path] = EVERY) -> list[str]:
    return [
        f"{file.name}:{number}: {line.strip()[:100]}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_controls_come_from_macros() -> None:
    outside = [file for file in EVERY if not name(file).startswith("macros/")]
    assert [line for line in found(CONTROL, outside) if SEARCH not in line] == []


def test_nothing_is_inline_and_nothing_escapes_escaping() -> None:
    assert found(INLINE) == []
    assert found(re.compile(r"Markup|\|safe"), PYTHON) == []


def test_only_some_attributes_of_htmx_are_used() -> None:
    used = {one for file in EVERY for one in HX.findall(file.read_text(encoding="utf-8"))}
    assert used <= ALLOWED
    assert found(FILTERED) == []


def test_no_control_hides_a_property_of_its_form() -> None:
    assert found(CONTROL_NAME) == []


def test_colors_stand_in_one_file() -> None:
    styles = [file for file in (PORTAL / "static").rglob("*.css") if file.name != "tokens.css"]
    own = [*styles, *(PORTAL / "static" / "js").glob("*.js"), *EVERY]
    assert [line for line in found(COLOR, own) if "href" not in line and "aria-" not in line] == []


def macros_of(file: Path) -> set[str]:
    """Modules of macros that a template calls, by their import's name."""
    tree = environment().parse(file.read_text(encoding="utf-8"))
    return {node.node.name for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name) and (TEMPLATES / "macros" / f"{node.node.name}.html").exists()}  # fmt: skip


MACRO = re.compile(r"{% macro (\w+)\(")
CALLED = re.compile(r"\b(\w+)\(")


def test_every_macro_is_called_by_a_template() -> None:
    """A macro's own name in its definition is no call."""
    texts = {file: file.read_text(encoding="utf-8") for file in EVERY}
    made = {one for text in texts.values() for one in MACRO.findall(text)}
    called = {one for text in texts.values() for one in CALLED.findall(MACRO.sub("", text))}
    assert made - called == set()


def imports_of(file: Path) -> set[str]:
    tree = environment().parse(file.read_text(encoding="utf-8"))
    return {node.target for node in tree.find_all(nodes.Import)}


@pytest.mark.parametrize("file", EVERY, ids=name)
def test_a_template_imports_what_it_calls(file: Path) -> None:
    """A fragment is rendered alone: imports of the page around it are not there."""
    assert macros_of(file) <= imports_of(file)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_frame_renders_without_a_page(language: str) -> None:
    visit = Visit(request("/"), None, Display(language))
    html = environment().get_template("base.html").render(visit=visit, said="")
    assert "<main" in html


def test_pages_are_short_and_know_no_sql() -> None:
    long = [
        file.name for file in PYTHON if len(file.read_text(encoding="utf-8").splitlines()) > LINES
    ]
    assert long == []
    assert (
        found(re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE)\b.*\b(?:FROM|INTO|SET)\b"), PYTHON)
        == []
    )


def test_every_page_says_who_may_come() -> None:
    """By the contract of what it asks, or in the public room."""
    undeclared = [one.path for one in pages() if not one.asks and one.room != "public"]
    assert undeclared == []


def test_every_word_has_its_english() -> None:
    for room, texts in said().items():
        catalog = known(room)
        told = {one.id for one in catalog if one.id}
        assert told == {one.id for one in renewed(room, texts) if one.id}, "run make words"
        assert missing(catalog) == [], f"English of {room}"


def test_a_word_has_one_english() -> None:
    """The catalogs become one: of two translations the last would win everywhere."""
    told: dict[str, set[str]] = {}
    for room in said():
        for one in known(room):
            if one.id and isinstance(one.id, str):
                told.setdefault(one.id, set()).add(str(one.string))
    assert {text: english for text, english in told.items() if len(english) > 1} == {}


def test_both_languages_of_a_refusal_have_the_same_places() -> None:
    uneven = [
        one.id
        for one in known("refusals")
        if one.id and sorted(PLACE.findall(str(one.id))) != sorted(PLACE.findall(str(one.string)))
    ]
    assert uneven == []


def test_the_sentence_of_every_code_has_its_english() -> None:
    """As `problem_codes` finds them by the calls that refuse."""
    before = current.set(ENGLISH)
    told_by = {one.code: one.detail.replace("…", "7") for one in told() if one.code not in NO_PAGE}
    whole = [text for text in told_by.values() if text.endswith("。") and text != UNSTATED]
    chinese = [text for text in whole if worded(text) == text]
    current.reset(before)
    assert chinese == []
