"""A post in another's stead while its holder is on leave. Pure."""

from dataclasses import replace
from datetime import date, timedelta

from gateway.posts.domain import Asked, Holdings, Outcome, Post, begins_on, changed, not_held
from gateway.posts.persons import same_person
from gateway.posts.refusals import already_revoked
from kit.acting import Actor
from kit.calendar import Moment
from kit.errors import conflict, forbidden, invalid

LONGEST = timedelta(days=90)
"""A delegation covers a leave; what lasts longer is a grant."""


def delegate(
    own: Holdings,
    source: Post,
    holdings: Holdings,
    asked: Asked,
    actor: Actor,
    reason: str,
    moment: Moment,
) -> Outcome:
    """Propose the actor's own post `source` for another account, until `asked.valid_to`.

    It counts the delegator on, so that no revocation of the source misses it. Raises Refusal posts.delegated_on, own_delegation, dates, already_held, id_used.
    """
    if source.delegated_from:
        raise conflict("posts.delegated_on", "代理岗位不得再委托他人。")
    if same_person(actor, holdings.account, holdings.person_keys):
        raise forbidden("posts.own_delegation", "不得将岗位委托给本人。")
    begins, last = begins_on(asked, moment.today), _last(asked, source)
    if last - begins > LONGEST:
        raise invalid("posts.dates", f"委托代理不得超过{LONGEST.days}天。")
    not_held(holdings, asked, moment.today)
    post = replace(
        source,
        post_id=asked.post_id,
        account=holdings.account,
        id_number=None,
        person_keys=(),
        valid_from=begins,
        valid_to=last,
        granted_by=actor.account,
        granted_key=actor.person_key,
        confirmed_at=None,
        confirmed_by="",
        delegated_from=source.post_id,
        delegator=source.account,
        delegator_key=own.person_key,
        import_id="",
        reason=reason,
        created_at=moment.at,
    )
    return changed(post, own)


def _last(asked: Asked, source: Post) -> date:
    assert asked.valid_to is not None, "the contract asks for a last day"
    if source.valid_to is not None and asked.valid_to > source.valid_to:
        raise invalid("posts.dates", "委托代理不得晚于原岗位的终止日期。")
    return asked.valid_to


def end(holdings: Holdings, post: Post, actor: Actor, reason: str, moment: Moment) -> Outcome:
    """End a delegation by one of its two parties. Raises Refusal posts.not_delegation, already_revoked."""
    if actor.account not in (post.delegator, post.account) or not post.delegated_from:
        raise conflict("posts.not_delegation", "只有委托人或受托人可以终止委托代理。")
    if post.revoked_at is not None:
        raise already_revoked()
    ended = replace(post, revoked_at=moment.at, revoked_by=actor.account, reason=reason)
    return changed(ended, holdings, post.state)
