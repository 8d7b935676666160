"""The roster of members as lines that are typed or pasted: a line a member."""

import re
from collections.abc import Sequence

from gateway.portal.forms import Way
from gateway.portal.forms.cleaning import line, plain
from proto.gen.minzheng.filing.v1.filing_pb import Member

UNIT, ELSEWHERE = "单位", "外社区"
PARTED = re.compile(r"[,，\t]")
SEVERAL = re.compile("[、;；]")
CODE = re.compile("[0-9]{12}", re.ASCII)


def roster(community: str) -> Way:
    """Lines of members: a name, and behind a comma 单位, 外社区 or the code of another community.

    Who is neither lives in `community`.
    """

    def read(texts: Sequence[str]) -> list[Member]:
        lines = [one for text in texts for one in plain(text).splitlines()]
        return [member(one, at, community) for at, one in enumerate(lines, 1) if one.strip()]

    def show(members: Sequence[Member]) -> tuple[str, ...]:
        return ("\n".join(told(one, community) for one in members),)

    return Way(read, show)


def member(text: str, at: int, community: str) -> Member:
    """A member of a line; ValueError for several on a line, and a remark nobody can read."""
    if SEVERAL.search(text):
        raise ValueError(f"第 {at} 行写有多个姓名，请每行只写一名成员。")
    name, *remarks = [line(part) for part in PARTED.split(text.strip().rstrip(",，"))]
    if not name or len(remarks) > 1:
        raise ValueError(f"第 {at} 行应为姓名，其后至多以逗号写明“单位”或“外社区”。")
    remark = remarks[0] if remarks else ""
    if remark == UNIT:
        return Member(name=name, is_unit=True)
    if remark == ELSEWHERE:
        return Member(name=name)
    if remark and not CODE.fullmatch(remark):
        raise ValueError(f"第 {at} 行逗号后只能是“单位”“外社区”或社区代码。")
    return Member(name=name, home_community=remark or community)


def told(one: Member, community: str) -> str:
    """The line of a member."""
    if one.is_unit:
        return f"{one.name}，{UNIT}"
    if one.home_community == community:
        return one.name
    return f"{one.name}，{one.home_community or ELSEWHERE}"
