"""Announcements: drafted by one officer, published by another, withdrawn with a reason."""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from typing import Any

from kit.acting import Actor
from kit.errors import Violation, conflict, invalid
from kit.regions import Level, Node

MARKUP = re.compile(r"<[/!?]|<[A-Za-z][^<]*>|[\x00-\x09\x0b-\x1f\x7f]")
"""A tag, or a character that is neither text nor a line break."""
HIGHER = frozenset({"REGISTRATION", "BAN", "LOTTERY_FUNDS", "SAMPLING"})
"""Kinds that only a county or what is above it may speak of: a street files and cancels, it never bans."""
OFFICES = (Level.PROVINCE, Level.CITY, Level.COUNTY)


class State(Enum):
    """Where an announcement stands; names as in the contract."""

    DRAFT = auto()
    PUBLISHED = auto()
    WITHDRAWN = auto()


@dataclass(frozen=True, slots=True)
class Text:
    """What an announcement says."""

    kind: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """An announcement of an office; `chair` is everybody who counts as having written in it."""

    announcement_id: str
    issuer_code: str
    issuer_path: str
    text: Text
    chair: frozenset[str]
    version: int = 1
    state: State = State.DRAFT
    published_on: date | None = None
    withdrawn_on: date | None = None
    reason: str = ""


def draft(announcement_id: str, office: Node, text: Text, actor: Actor) -> Announcement:
    """A draft in the name of the actor's office. Raises Refusal for markup or a kind of a higher level."""
    _expect_plain(text)
    _expect_own_kind(office, text.kind)
    return Announcement(announcement_id, office.code, office.path, text, actor.chair)


def edit(before: Announcement, office: Node, text: Text, actor: Actor) -> Announcement:
    """The draft with another text; who edits has written in it too."""
    _expect(before, State.DRAFT, "announcement.not_draft", "该公告已经发布，不能再修改。")
    _expect_plain(text)
    _expect_own_kind(office, text.kind)
    return _next(before, text=text, chair=before.chair | actor.chair)


def publish(before: Announcement, actor: Actor, today: date) -> Announcement:
    """Published by another person than those who have written in it, by account and identity number."""
    _expect(before, State.DRAFT, "announcement.not_draft", "该公告已经发布。")
    if actor.chair & before.chair:
        raise conflict("announcement.same_person", "拟稿或修改过公告的人不能发布，须由另一人审核。")
    return _next(before, state=State.PUBLISHED, published_on=today)


def discard(before: Announcement) -> None:
    """A draft nobody is to publish goes; Refusal for what was published: that is withdrawn."""
    _expect(before, State.DRAFT, "announcement.not_draft", "该公告已经发布，只能撤下，不能作废。")


def withdraw(before: Announcement, reason: str, today: date) -> Announcement:
    """No longer to be read; that it was there and why it is gone stays."""
    _expect(before, State.PUBLISHED, "announcement.not_published", "只有已发布的公告才能撤下。")
    if not reason.strip():
        raise invalid("announcement.no_reason", "撤下公告应当写明原因。")
    if MARKUP.search(reason):
        raise _markup("reason")
    return _next(before, state=State.WITHDRAWN, withdrawn_on=today, reason=reason)


def _expect(found: Announcement, state: State, code: str, sentence: str) -> None:
    if found.state is not state:
        raise conflict(code, sentence)


def _expect_plain(text: Text) -> None:
    for name in ("title", "body"):
        words: str = getattr(text, name)
        if MARKUP.search(words) or (name == "title" and "\n" in words):
            raise _markup(f"text.{name}")
        if not words.strip():
            raise invalid("announcement.empty", "请填写公告的标题和正文。")


def _markup(field: str) -> Exception:
    sentence = "公告只能是纯文本，不能含有网页标记或者控制字符。"
    return invalid("announcement.markup", sentence, Violation(field, "markup", sentence))


def _expect_own_kind(office: Node, kind: str) -> None:
    if kind == "UNSPECIFIED":
        raise invalid("announcement.no_kind", "请选择公告类型。")
    if kind in HIGHER and office.level not in OFFICES:
        raise invalid("announcement.not_this_level", "该类公告由县级以上民政部门发布。")


def _next(before: Announcement, **changes: Any) -> Announcement:
    return replace(before, version=before.version + 1, **changes)
