"""Rules of sessions: how long one lives, which post it acts under, when a person has just proved who they are.

Pure: times are handed in, those of a session are the database's.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

IDLE = timedelta(minutes=15)
"""Without a request, or without the issuer confirming the person, a session is over."""
ABSOLUTE = timedelta(hours=8)
NOTED = timedelta(seconds=30)
"""A request is noted when the last note is older: a session may end that much early, never late."""
STEP_UP = 300.0
"""Seconds for which a proof of the second factor counts."""
SKEW = 30.0
HIGH = "high"
SELF = "self"
"""In place of a post: the resident."""
POST_ENDED = "the post ended"
LOCAL = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""A path of this site in printable ASCII without a backslash; never another site."""
LONGEST = 1000
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-on browser. `post` is a post's id, SELF, or empty until one is chosen."""

    session_id: str
    account: str
    post: str
    assured: bool
    acr: str
    authenticated_at: datetime
    started_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    """When the issuer last gave tokens for the person."""
    refresh_at: datetime

    def live(self, now: datetime) -> bool:
        """Within the limits: 15 minutes idle, 8 hours in all, 15 minutes without the issuer."""
        return now < min(self.seen_at + IDLE, self.started_at + ABSOLUTE, self.confirmed_at + IDLE)

    def to_note(self, now: datetime) -> bool:
        """The request is worth a note."""
        return now - self.seen_at >= NOTED

    def to_refresh(self, now: datetime) -> bool:
        """The access token is about to end."""
        return now >= self.refresh_at

    def may_act(self, in_force: Collection[str]) -> bool:
        """Its post is one of those in force; the resident needs none."""
        return self.post in ("", SELF) or self.post in in_force


def stepped_up(acr: str, authenticated: float, now: float) -> bool:
    """The second factor was given at most five minutes ago (epoch seconds; 30 s of skew ahead)."""
    return acr == HIGH and -SKEW <= now - authenticated <= STEP_UP


def by_clock(source: str) -> bool:
    """A part of a page asks by itself (`div#queue`): nobody need sit there, so the session goes on aging.

    Persons ask by links, buttons and forms.
    """
    return source.startswith("div#")


def from_own_page(fetch_site: str | None, origin: str | None, own: str) -> bool:
    """A browser says that a page of ours sent the request: `Sec-Fetch-Site`, or `Origin` without it."""
    if fetch_site is None:
        return origin == own
    return fetch_site == "same-origin" and origin in (None, own)


def local_path(text: str, otherwise: str) -> str:
    """A path of this site to go on to, or `otherwise` for anything else."""
    fits = len(text) <= LONGEST and LOCAL.fullmatch(text)
    return text if fits else otherwise
