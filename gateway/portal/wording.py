"""What was refused, in the language of the page: services tell it in Chinese, `refusals.po` has the English.

A sentence with numbered places is known by what stands around them. What fills them stays, or is told
in English where it is known itself. What nobody put into English stays Chinese and is marked so.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from babel.messages.pofile import read_po

from gateway.portal.language import CHINESE, ENGLISH, FOLDER, current, gettext

CATALOG = "refusals"
PLACE = re.compile(r"\{\d+\}")
ANYTHING, NUMBER = "(.+?)", r"(-?\d[\d.,]*)"
LISTS = (("；", "; "), ("、", ", "))
"""What parts the items of a list."""
RUN = re.compile("([\u4e00-\u9fff](?:[^A-Za-z]*[\u4e00-\u9fff\u3001-\u3015\uff01-\uff1f”])?)")
"""Chinese up to the next Latin word."""


def worded(text: str) -> str:
    """A sentence as the page tells it."""
    if current.get() == CHINESE:
        return text
    known = gettext(text)
    return known if known != text else by_template(text)


def by_template(text: str) -> str:
    """English of a sentence with places; the sentence itself where none is like it."""
    for pattern, english in templates():
        if found := pattern.fullmatch(text):
            return english.format(*(filling(one) for one in found.groups()))
    return text


def filling(text: str) -> str:
    """What fills a place: a word, or a list of words, in English where all of them are known."""
    for mark, english in LISTS:
        items = text.split(mark)
        told = [worded(one) for one in items]
        if len(items) > 1 and not set(items) & set(told):
            return english.join(told)
    return worded(text)


@cache
def templates() -> Sequence[tuple[re.Pattern[str], str]]:
    """Sentences with places, as patterns, and their English; those that say most first."""
    with (FOLDER / ENGLISH / "LC_MESSAGES" / f"{CATALOG}.po").open("rb") as source:
        found = {str(one.id): str(one.string) for one in read_po(source, locale=ENGLISH) if one.id}
    placed = sorted((one for one in found if PLACE.search(one)), key=said_by, reverse=True)
    return [(pattern(one), found[one]) for one in placed if found[one]]


def said_by(template: str) -> int:
    """How much of a template is its own."""
    return len(PLACE.sub("", template))


def pattern(template: str) -> re.Pattern[str]:
    """What is like a template. Of two places side by side the second holds a number."""
    first, *others = PLACE.split(template)
    written = re.escape(first)
    for before, text in pairwise(["begin", *others]):
        written += (ANYTHING if before else NUMBER) + re.escape(text)
    return re.compile(written, re.DOTALL)


def about(label: str, predicate: str, spot: str = "") -> str:
    """A predicate with its subject, and which of several it is: `用途至少填写 5 个字。`"""
    if current.get() == CHINESE:
        return f"{label}{spot}{predicate}"
    subject = ", ".join(one for one in (gettext(label), spot) if one)
    told = worded(predicate)
    return f"{subject}: {told[:1].lower()}{told[1:]}"


def together(sentences: Iterable[str]) -> str:
    """Several sentences as one text."""
    return ("" if current.get() == CHINESE else " ").join(sentences)


def tongues(text: str) -> Sequence[tuple[str, str]]:
    """A sentence as the page tells it, in parts; what is not in the page's language has its own."""
    if current.get() == CHINESE:
        return [(text, "")]
    parts = enumerate(RUN.split(worded(text)))
    return [(one, CHINESE if at % 2 else "") for at, one in parts if one]
