"""What the RPCs of posts share: the caller as the rules see them, places in reach."""

from collections.abc import Sequence
from uuid import UUID

from kit.access import Subject, require
from kit.acting import Actor
from kit.call import current
from kit.paging import decode, encode
from kit.regions import hainan
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse

SIZE = 20


def actor() -> Actor:
    """The caller as the rules see them."""
    return current().who.actor


def reach(code: str) -> str:
    """Path of a place the caller reaches; Refusal region.unknown or 404 out of reach."""
    node = hainan().get(code)
    expect_reach(node.path)
    return node.path


def expect_reach(path: str) -> None:
    """Refuse a path out of the caller's reach, as if nothing were there."""
    call = current()
    require(call.access, call.who, subject_at(path))


def subject_at(path: str) -> Subject:
    """A post as the policy table sees it: only its place counts."""
    return Subject(owner="", authority_code="", authority_path=path, community_code="", state="")


def page_of(asked: PageRequest | None) -> tuple[int, str]:
    """Rows of a page and the id it begins after; Refusal MALFORMED for a forged token."""
    page = asked or PageRequest()
    after = str(decode(page.token, UUID)[0]) if page.token else ""
    return page.size or SIZE, after


def page_after(ids: Sequence[str], size: int) -> PageResponse:
    """What follows, where one row more than a page was found."""
    return PageResponse(next_token=encode(ids[size - 1]) if len(ids) > size else "")
