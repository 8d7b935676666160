"""Which accounts are one person, as far as identity numbers are known. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.posts.refusals import own_grant
from kit.acting import Actor
from kit.errors import conflict


@dataclass(frozen=True, slots=True)
class Holder:
    """A person as a post keeps it: the encrypted identity number and its blind indexes."""

    id_number: bytes | None = None
    person_keys: tuple[str, ...] = ()


NOBODY_STATED = Holder()


def second_person(account: str, person_key: str, actor: Actor) -> None:
    """Refuse the one who proposed, under another account too."""
    if same_person(actor, account, [person_key]):
        raise conflict("posts.same_administrator", "提出人不能复核，须由另一名安全管理员办理。")


def same_person(actor: Actor, account: str, known: Sequence[str]) -> bool:
    """The actor's account, or another one of the same person, whose blind indexes are `known`."""
    return actor.account == account or (actor.person_key != "" and actor.person_key in known)


def expect_another(actor: Actor, account: str, known: Sequence[str], stated: Sequence[str]) -> None:
    """Refuse a grant to oneself, under another account too, and an account with another's number.

    `known` are the blind indexes of the account's person, `stated` those of the post. Raises
    Refusal posts.own_grant, other_person.
    """
    if same_person(actor, account, (*known, *stated)):
        raise own_grant()
    if stated and known and not set(stated) & set(known):
        raise conflict("posts.other_person", "该账号已登记的身份证号码与此不同，请核对账号与人员。")
