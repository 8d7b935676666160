"""Rules of posts: who may hold what where. Pure; a rule returns (post, fact)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from kit.errors import Refusal, conflict, forbidden, invalid
from kit.regions import Level, Node, Tree

ADMINS = frozenset({"SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"})
ORGANIZATION = frozenset({"ORG_OWNER", "ORG_STAFF"})
"""Roles at an organization; they add to being a resident."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post of an account; `valid_to` is its last day."""

    post_id: str
    account: str
    role: str
    region_code: str
    region_path: str
    valid_from: date
    granted_by: str
    created_at: datetime
    organization_id: str = ""
    person_key: str = ""
    valid_to: date | None = None
    revoked_at: datetime | None = None
    revoked_by: str = ""
    reason: str = ""

    def in_force(self, on: date) -> bool:
        """The holder may act under it on that day."""
        return self.revoked_at is None and self.valid_from <= on and not self.over(on)

    def over(self, on: date) -> bool:
        """Its last day has passed."""
        return self.valid_to is not None and self.valid_to < on


@dataclass(frozen=True, slots=True)
class Holdings:
    """All posts of an account, ended ones too, and its grants version."""

    account: str
    version: int = 0
    posts: tuple[Post, ...] = ()

    def in_force(self, on: date) -> tuple[Post, ...]:
        """Posts the account may act under on that day."""
        return tuple(post for post in self.posts if post.in_force(on))

    def find(self, post_id: str) -> Post | None:
        """The post of that id."""
        return next((post for post in self.posts if post.post_id == post_id), None)

    @property
    def person_key(self) -> str:
        """Blind index of the person's identity number, known from an earlier post; may be empty."""
        return next((post.person_key for post in self.posts if post.person_key), "")


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rule is applied: legal day and time of the record."""

    today: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who grants or revokes; `person_key` may be empty."""

    account: str
    person_key: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a grant asks for; no `valid_from` is today."""

    post_id: str
    role: str
    region_code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class PostChanged:
    """岗位变动"""

    account: str
    fact_version: int
    grants_version: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The post as it is now, and the fact."""

    post: Post
    fact: PostChanged


def _changed(post: Post, holdings: Holdings) -> Outcome:
    version = holdings.version + 1
    return Outcome(post, PostChanged(holdings.account, version, version))


def grant(holdings: Holdings, asked: Asked, actor: Actor, moment: Moment, tree: Tree) -> Outcome:
    """Grant a post at a place (specification §0.3).

    Raises Refusal posts.own_grant, organization_role, wrong_level, dates, already_held,
    one_administrator; region.unknown or region.not_usable for the place.
    """
    if actor.account == holdings.account or same_person(actor, holdings):
        raise forbidden("posts.own_grant", "不得为本人授予岗位，请由其他安全管理员办理。")
    if asked.role in ORGANIZATION:
        raise invalid("posts.organization_role", "组织负责人、经办岗位随组织备案产生，不能授予。")
    node = _place(asked, tree, moment.today)
    begins = _begins(asked, moment.today)
    _not_held(holdings, asked, moment.today)
    post = Post(
        post_id=asked.post_id,
        account=holdings.account,
        role=asked.role,
        region_code=node.code,
        region_path=node.path,
        valid_from=begins,
        valid_to=asked.valid_to,
        person_key=holdings.person_key,
        granted_by=actor.account,
        created_at=moment.at,
    )
    return _changed(post, holdings)


def same_person(actor: Actor, holdings: Holdings) -> bool:
    """Another account of the same person, as far as identity numbers are known."""
    return actor.person_key != "" and actor.person_key == holdings.person_key


def _place(asked: Asked, tree: Tree, today: date) -> Node:
    node = tree.get(asked.region_code)
    if node.placeholder or not node.in_force(today):
        raise invalid("region.not_usable", f"{node.full_name}不是现行地区，不能设置岗位。")
    fits, where = PLACES.get(asked.role, (_anywhere, ""))
    if not fits(node, tree):
        raise invalid("posts.wrong_level", f"该岗位只能设在{where}，请重新选择地区。")
    return node


def _begins(asked: Asked, today: date) -> date:
    begins = asked.valid_from or today
    if begins < today:
        raise invalid("posts.dates", "岗位生效日期不得早于今天。")
    if asked.valid_to is not None and asked.valid_to < begins:
        raise invalid("posts.dates", "岗位终止日期不得早于生效日期。")
    return begins


def _not_held(holdings: Holdings, asked: Asked, today: date) -> None:
    if holdings.find(asked.post_id) is not None:
        raise id_used()
    for post in holdings.posts:
        if post.revoked_at is not None:
            continue
        if asked.role in ADMINS and post.role in ADMINS:
            raise one_administrator()
        same = (post.role, post.region_code) == (asked.role, asked.region_code)
        if same and not post.over(today):
            raise conflict("posts.already_held", "该账号在该地区已有同一岗位。")


def one_administrator() -> Refusal:
    """The three administrators are three persons (multi-level protection practice)."""
    return conflict(
        "posts.one_administrator",
        "系统、安全、审计管理员须由不同人员担任；该账号已有管理员岗位，请先撤销原岗位。",
    )


def id_used() -> Refusal:
    """The id made by the caller belongs to another post."""
    return conflict("posts.id_used", "该岗位编号已被使用，请换一个编号。")


def own(holdings: Holdings, post: Post) -> Outcome | None:
    """Give an account its post at an organization; None where it has been given before."""
    held = any(
        (other.role, other.organization_id) == (post.role, post.organization_id)
        and other.revoked_at is None
        for other in holdings.posts
    )
    if held or holdings.find(post.post_id) is not None:
        return None
    return _changed(replace(post, person_key=holdings.person_key), holdings)


def revoke(holdings: Holdings, post: Post, actor: Actor, reason: str, moment: Moment) -> Outcome:
    """End a post now. Raises Refusal posts.already_revoked."""
    if post.revoked_at is not None:
        raise conflict("posts.already_revoked", "该岗位已撤销。")
    ended = replace(post, revoked_at=moment.at, revoked_by=actor.account, reason=reason)
    return _changed(ended, holdings)


def is_authority(node: Node, tree: Tree) -> bool:
    """Some community files with this node: township, district of 三亚 or 三沙, 洋浦."""
    waiting = [node]
    while waiting:
        below = tree.children(waiting.pop().code)
        if any(child.authority == node.code for child in below):
            return True
        waiting.extend(below)
    return False


Fits = Callable[[Node, Tree], bool]


def _at(*levels: Level) -> Fits:
    return lambda node, _: node.level in levels


def _anywhere(_node: Node, _tree: Tree) -> bool:
    return True


def _files(node: Node, tree: Tree) -> bool:
    # A county may take filing upon itself by a rule of the filing service (T11.2).
    return node.level is Level.COUNTY or is_authority(node, tree)


_AUTHORITY = (_files, "备案机关所在地区")
_COUNTY = (_at(Level.COUNTY), "县（市、区）一级")
_PROVINCE = (_at(Level.PROVINCE), "省一级")
PLACES: Mapping[str, tuple[Fits, str]] = {
    "VILLAGE": (_at(Level.COMMUNITY), "村（社区）"),
    "TOWN_CLERK": _AUTHORITY,
    "TOWN_LEAD": _AUTHORITY,
    "PARTY_TOWN": (is_authority, "备案机关所在地区"),
    "PARTY_SW": (_at(Level.COUNTY, Level.CITY, Level.PROVINCE), "县级以上地区"),
    "COUNTY_CLERK": _COUNTY,
    "COUNTY_REVIEW": _COUNTY,
    "COUNTY_APPROVE": _COUNTY,
    "COUNTY_FIN": _COUNTY,
    "CITY_CA": (_at(Level.CITY), "设区的市一级"),
    "PROV_SO": _PROVINCE,
    "PROV_GC": _PROVINCE,
    "PROV_CS": _PROVINCE,
    "AUDITOR": _PROVINCE,
    "SYS_ADMIN": _PROVINCE,
    "SEC_ADMIN": _PROVINCE,
    "AUDIT_ADMIN": _PROVINCE,
}
"""Where a role may be held; a role without a line (HUB_OP, EXPERT, DEPT) at any node."""
