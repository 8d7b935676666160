"""Rules of posts: who may hold what where. Pure; a rule returns (post, fact)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.posts.persons import NOBODY_STATED, Holder, expect_another, second_person
from gateway.posts.places import PLACES, anywhere
from gateway.posts.refusals import already_revoked, id_used, one_administrator
from kit.acting import Actor
from kit.calendar import Moment
from kit.errors import conflict, invalid
from kit.regions import Node, Tree

ADMINS = frozenset({"SYS_ADMIN", "SEC_ADMIN", "AUDIT_ADMIN"})
ORGANIZATION = frozenset({"ORG_OWNER", "ORG_STAFF"})
"""Roles at an organization; they add to being a resident."""


@dataclass(frozen=True, slots=True)
class Post:
    """A post of an account; `valid_to` is its last day.

    `granted_by` proposed it. A delegation comes from another's post, for whom its holder acts.
    `id_number` is the encrypted identity number of the holder where the grant stated it, `person_keys`
    its blind indexes.
    """

    post_id: str
    account: str
    role: str
    region_code: str
    region_path: str
    valid_from: date
    granted_by: str
    created_at: datetime
    organization_id: str = ""
    id_number: bytes | None = None
    person_keys: tuple[str, ...] = ()
    granted_key: str = ""
    valid_to: date | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    delegated_from: str = ""
    delegator: str = ""
    delegator_key: str = ""
    import_id: str = ""
    revoked_at: datetime | None = None
    revoked_by: str = ""
    reason: str = ""

    def in_force(self, on: date) -> bool:
        """The holder may act under it on that day."""
        return self.granted and self.valid_from <= on and not self.over(on)

    @property
    def granted(self) -> bool:
        """Confirmed and not revoked; its days may lie ahead or be over."""
        return self.confirmed_at is not None and self.revoked_at is None

    @property
    def state(self) -> str:
        """PROPOSED, GRANTED or REVOKED."""
        if self.revoked_at is not None:
            return "REVOKED"
        return "GRANTED" if self.confirmed_at else "PROPOSED"

    def over(self, on: date) -> bool:
        """Its last day has passed."""
        return self.valid_to is not None and self.valid_to < on


@dataclass(frozen=True, slots=True)
class Holdings:
    """All posts of an account, ended ones too, its grants version, and who disabled it, if anybody."""

    account: str
    version: int = 0
    posts: tuple[Post, ...] = ()
    disabled_by: Actor | None = None

    def in_force(self, on: date) -> tuple[Post, ...]:
        """Posts the account may act under on that day; none where it is disabled."""
        return tuple(post for post in self.posts if post.in_force(on) and not self.disabled_by)

    def find(self, post_id: str) -> Post | None:
        """The post of that id."""
        return next((post for post in self.posts if post.post_id == post_id), None)

    def after(self, outcome: "Outcome") -> "Holdings":
        """The holdings once a change of one of their posts has happened."""
        others = (post for post in self.posts if post.post_id != outcome.post.post_id)
        version = outcome.fact.grants_version if outcome.fact else self.version
        return replace(self, version=version, posts=(*others, outcome.post))

    @property
    def person_keys(self) -> tuple[str, ...]:
        """Blind indexes of the person's identity number, known from a confirmed post; may be empty."""
        known = (post.person_keys for post in self.posts if post.confirmed_at is not None)
        return next(filter(None, known), ())

    @property
    def person_key(self) -> str:
        """The one under the oldest key, which every row has while keys are being changed."""
        return next(iter(self.person_keys), "")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a grant asks for; no `valid_from` is today."""

    post_id: str
    role: str
    region_code: str
    valid_from: date | None = None
    valid_to: date | None = None
    holder: Holder = NOBODY_STATED


@dataclass(frozen=True, slots=True)
class PostChanged:
    """岗位变动"""

    account: str
    fact_version: int
    grants_version: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The post as it was and is now, and the fact; a proposal changes nothing and states none."""

    post: Post
    fact: PostChanged | None = None
    before: str = ""
    """State before; empty for a new post."""


def changed(post: Post, holdings: Holdings, before: str = "") -> Outcome:
    """A change of what the account may do, counted on."""
    version = holdings.version + 1
    return Outcome(post, PostChanged(holdings.account, version, version), before)


def propose(holdings: Holdings, asked: Asked, actor: Actor, moment: Moment, tree: Tree) -> Outcome:
    """Propose a post at a place (specification §0.3); it waits for a second administrator.

    Raises Refusal posts.own_grant, other_person, organization_role, wrong_level, dates, already_held,
    one_administrator; region.unknown or region.not_usable for the place.
    """
    expect_another(actor, holdings.account, holdings.person_keys, asked.holder.person_keys)
    if asked.role in ORGANIZATION:
        raise invalid("posts.organization_role", "组织负责人、经办岗位随组织备案产生，不能授予。")
    node = _place(asked, tree, moment.today)
    begins = begins_on(asked, moment.today)
    not_held(holdings, asked, moment.today)
    post = Post(
        post_id=asked.post_id,
        account=holdings.account,
        role=asked.role,
        region_code=node.code,
        region_path=node.path,
        valid_from=begins,
        valid_to=asked.valid_to,
        id_number=asked.holder.id_number,
        person_keys=asked.holder.person_keys,
        granted_by=actor.account,
        granted_key=actor.person_key,
        created_at=moment.at,
    )
    return Outcome(post)


def in_turn(
    held: Mapping[str, Holdings],
    posts: Iterable[Post],
    rule: Callable[[Holdings, Post], Outcome],
) -> list[Outcome]:
    """Apply a rule to posts one by one, each on what the ones before it left."""
    now = dict(held)
    outcomes = []
    for post in posts:
        outcome = rule(now[post.account], post)
        now[post.account] = now[post.account].after(outcome)
        outcomes.append(outcome)
    return outcomes


def confirm(holdings: Holdings, post: Post, actor: Actor, moment: Moment) -> Outcome:
    """The second person agrees; the post is in force from its first day on.

    Raises Refusal posts.own_grant, other_person, same_administrator, already_revoked, already_confirmed,
    of_import, over, already_held, one_administrator.
    """
    _expect_waiting(post)
    if post.import_id:
        raise conflict("posts.of_import", "该岗位随导入表提出，请整批复核或退回。")
    return confirmed(holdings, post, actor, moment)


def confirmed(holdings: Holdings, post: Post, actor: Actor, moment: Moment) -> Outcome:
    """A post confirmed, alone or with its import."""
    expect_another(actor, holdings.account, holdings.person_keys, post.person_keys)
    second_person(post.granted_by, post.granted_key, actor)
    if post.over(moment.today):
        raise conflict("posts.over", "该岗位的终止日期已过，请退回后重新提出。")
    granted = replace(holdings, posts=tuple(one for one in holdings.posts if one.granted))
    not_held(granted, Asked(post.post_id, post.role, post.region_code), moment.today)
    after = replace(post, confirmed_at=moment.at, confirmed_by=actor.account)
    return changed(after, holdings, post.state)


def _expect_waiting(post: Post) -> None:
    if post.revoked_at is not None:
        raise already_revoked()
    if post.confirmed_at is not None:
        raise conflict("posts.already_confirmed", "该岗位已复核生效。")


def _place(asked: Asked, tree: Tree, today: date) -> Node:
    node = tree.get(asked.region_code)
    if node.placeholder or not node.in_force(today):
        raise invalid("region.not_usable", f"{node.full_name}不是现行地区，不能设置岗位。")
    fits, where = PLACES.get(asked.role, (anywhere, ""))
    if not fits(node, tree):
        raise invalid("posts.wrong_level", f"该岗位只能设在{where}，请重新选择地区。")
    return node


def begins_on(asked: Asked, today: date) -> date:
    """The first day asked for, today where none is; Refusal posts.dates."""
    begins = asked.valid_from or today
    if begins < today:
        raise invalid("posts.dates", "岗位生效日期不得早于今天。")
    if asked.valid_to is not None and asked.valid_to < begins:
        raise invalid("posts.dates", "岗位终止日期不得早于生效日期。")
    return begins


def not_held(holdings: Holdings, asked: Asked, today: date) -> None:
    """Refuse a second post of the same kind; Refusal id_used, already_held, one_administrator."""
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


def own(holdings: Holdings, post: Post) -> Outcome | None:
    """Give an account its post at an organization; None where it has been given before."""
    held = any(
        (other.role, other.organization_id) == (post.role, post.organization_id)
        and other.revoked_at is None
        for other in holdings.posts
    )
    if held or holdings.find(post.post_id) is not None:
        return None
    return given(holdings, post)


def given(holdings: Holdings, post: Post) -> Outcome:
    """A post that the platform itself grants: nobody confirms after it."""
    granted = replace(post, confirmed_at=post.created_at, confirmed_by=post.granted_by)
    return changed(granted, holdings)


def revoke(holdings: Holdings, post: Post, actor: Actor, reason: str, moment: Moment) -> Outcome:
    """End a post now, or decline one that waits. Raises Refusal posts.already_revoked, of_import."""
    if post.revoked_at is not None:
        raise already_revoked()
    if post.import_id and post.confirmed_at is None:
        raise conflict("posts.of_import", "该岗位随导入表提出，请整批复核或退回。")
    ended = replace(post, revoked_at=moment.at, revoked_by=actor.account, reason=reason)
    return changed(ended, holdings, post.state)
