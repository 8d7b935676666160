"""Who acts on a thing, and on which version of it. Pure."""

from dataclasses import dataclass

from kit.errors import Kind, Refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account, role, blind index of the person's identity number (may be empty).

    Under a delegated post also in whose stead: the two are one chair at a case.
    """

    account: str
    role: str
    person_key: str = ""
    delegator: str = ""
    delegator_key: str = ""

    @property
    def chair(self) -> frozenset[str]:
        """Accounts and blind indexes that count as the one who acts."""
        who = (self.account, self.person_key, self.delegator, self.delegator_key)
        return frozenset(who) - {""}


def expect_version(held: int, built_on: int) -> None:
    """Refuse a change that builds on an older version; 0 means any."""
    if built_on and built_on != held:
        raise Refusal(
            Kind.STALE, "common.stale_version", "内容已被他人更新，请刷新后在最新内容上办理。"
        )
