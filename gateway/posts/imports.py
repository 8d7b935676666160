"""Posts proposed together: every row is judged as if it were granted alone. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.posts.domain import Asked, Holdings, Outcome, Post, confirmed, in_turn, propose
from gateway.posts.persons import Holder, second_person
from gateway.posts.spreadsheet import Line
from kit.acting import Actor
from kit.calendar import Moment
from kit.errors import Refusal, Violation, conflict, invalid
from kit.regions import Tree

ACCOUNT, ROLE, REGION, FROM, TO, NUMBER = COLUMNS = (
    "账号", "岗位", "地区代码", "生效日期", "终止日期", "身份证号码",
)  # fmt: skip
NEEDED = (ACCOUNT, ROLE, REGION)
LONGEST_ACCOUNT = 100
BLAMED = {
    "posts.own_grant": ACCOUNT,
    "posts.organization_role": ROLE,
    "posts.wrong_level": REGION,
    "posts.id_number": NUMBER,
    "posts.other_person": NUMBER,
    "region.unknown": REGION,
    "region.not_usable": REGION,
    "common.not_found": REGION,
}
"""Column a refusal speaks of; any other speaks of the whole row."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; no column where it is the whole row, row 0 for the file."""

    row: int
    column: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a row asks for."""

    row: int
    account: str
    asked: Asked
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class PostImport:
    """Posts of one file, from proposal to end."""

    import_id: str
    region_path: str
    rows: int
    sha256: str
    proposed_by: str
    proposed_key: str
    proposed_at: datetime
    confirmed_at: datetime | None = None
    declined_at: datetime | None = None
    closed_by: str = ""
    reason: str = ""

    @property
    def state(self) -> str:
        """PROPOSED, GRANTED or REVOKED (declined)."""
        if self.declined_at is not None:
            return "REVOKED"
        return "GRANTED" if self.confirmed_at else "PROPOSED"


def read(
    lines: Sequence[Line], roles: Mapping[str, str], ids: Callable[[], str]
) -> tuple[list[Wish], list[Fault]]:
    """What the rows ask for, and what cannot be understood; `roles` by name and by code."""
    places = {name: position for position, name in enumerate(lines[0].cells) if name}
    wrong = [
        Fault(1, name, "posts.import_head", "表头缺少该列。")
        for name in NEEDED
        if name not in places
    ]
    wrong += [
        Fault(1, name[:20], "posts.import_head", "表头有多余的列。")
        for name in places
        if name not in COLUMNS
    ]
    if wrong:
        return [], wrong
    wishes: list[Wish] = []
    for line in lines[1:]:
        cells = {name: _cell(line, place) for name, place in places.items()}
        found = _wrong_cells(line.number, cells, roles)
        wrong += found
        if not found:
            wishes.append(_wish(line.number, cells, roles, ids()))
    return wishes, wrong


def _cell(line: Line, place: int) -> str:
    return line.cells[place] if place < len(line.cells) else ""


def _wrong_cells(row: int, cells: Mapping[str, str], roles: Mapping[str, str]) -> list[Fault]:
    code = cells[REGION]
    checks = [
        (ACCOUNT, 1 <= len(cells[ACCOUNT]) <= LONGEST_ACCOUNT, "posts.import_account", "账号应为1至100个字符。"),
        (ROLE, named(cells[ROLE]) in roles, "posts.import_role", "没有这个岗位，请使用岗位名称或代码。"),
        (REGION, len(code) == 12 and code.isdecimal() and code.isascii(), "posts.import_region", "地区代码应为12位数字。"),
        *((name, _is_day(cells.get(name, "")), "posts.dates", "日期应为有效的年-月-日，例如 2026-03-01。") for name in (FROM, TO)),
    ]  # fmt: skip
    return [Fault(row, column, rule, said) for column, right, rule, said in checks if not right]


def named(role: str) -> str:
    """A role as written, without spaces and with wide brackets."""
    return "".join(role.split()).translate(str.maketrans("()", "（）"))


def _is_day(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False


def _wish(row: int, cells: Mapping[str, str], roles: Mapping[str, str], post_id: str) -> Wish:
    first, last = (
        date.fromisoformat(day) if (day := cells.get(name)) else None for name in (FROM, TO)
    )
    asked = Asked(post_id, roles[named(cells[ROLE])], cells[REGION], first, last)
    return Wish(row, cells[ACCOUNT], asked, cells.get(NUMBER, ""))


def judge(
    wishes: Iterable[Wish],
    held: Mapping[str, Holdings],
    actor: Actor,
    moment: Moment,
    tree: Tree,
    expect_reach: Callable[[str], object],
    identify: Callable[[Wish], Holder],
) -> tuple[list[Post], list[Fault]]:
    """The posts of the rows that may be granted, and what is wrong with the others.

    A row counts what the rows before it ask for; `expect_reach` refuses a region out of reach,
    `identify` a wrong identity number.
    """
    now, posts, wrong = dict(held), [], []
    for wish in wishes:
        try:
            expect_reach(wish.asked.region_code)
            asked = replace(wish.asked, holder=identify(wish))
            outcome = propose(now[wish.account], asked, actor, moment, tree)
        except Refusal as refusal:
            column = BLAMED.get(refusal.code, "")
            wrong.append(Fault(wish.row, column, refusal.code, refusal.detail))
            continue
        now[wish.account] = now[wish.account].after(outcome)
        posts.append(outcome.post)
    return posts, wrong


def proposed(draft: PostImport, posts: Sequence[Post], wrong: Sequence[Fault]) -> list[Post]:
    """The posts of an import without fault; Refusal posts.import_faults otherwise."""
    if wrong:
        raise invalid(
            "posts.import_faults",
            f"导入表有{len({fault.row for fault in wrong})}行不符合要求，未导入任何岗位，请预检后修改。",
            *(Violation(f"rows[{f.row}].{f.column}", f.rule, f.message) for f in wrong[:20]),
        )
    return [replace(post, import_id=draft.import_id) for post in posts]


def confirm_all(
    found: PostImport,
    posts: Sequence[Post],
    held: Mapping[str, Holdings],
    actor: Actor,
    moment: Moment,
) -> tuple[PostImport, list[Outcome]]:
    """All posts in force, or none.

    Raises Refusal posts.import_closed, same_administrator; posts.import_outdated names the posts
    that cannot be granted any more.
    """
    _expect_open(found)
    second_person(found.proposed_by, found.proposed_key, actor)
    broken: list[Violation] = []

    def rule(holdings: Holdings, post: Post) -> Outcome:
        try:
            return confirmed(holdings, post, actor, moment)
        except Refusal as refusal:
            broken.append(Violation(post.post_id, refusal.code, refusal.detail))
            return Outcome(post)

    outcomes = in_turn(held, posts, rule)
    if broken:
        raise conflict(
            "posts.import_outdated", "导入表中有岗位已不能授予，请退回后重新提出。", *broken[:20]
        )
    return replace(found, confirmed_at=moment.at, closed_by=actor.account), outcomes


def decline(found: PostImport, actor: Actor, reason: str, moment: Moment) -> PostImport:
    """Send an import back; its posts never come in force. Refusal posts.import_closed."""
    _expect_open(found)
    return replace(found, declined_at=moment.at, closed_by=actor.account, reason=reason)


def _expect_open(found: PostImport) -> None:
    if found.state != "PROPOSED":
        raise conflict("posts.import_closed", "该导入已经复核或退回。")
