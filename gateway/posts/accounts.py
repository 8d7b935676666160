"""Rules of accounts: disabled by one administrator at once, enabled again by another. Pure."""

from dataclasses import dataclass

from gateway.posts.domain import Holdings, PostChanged
from gateway.posts.persons import same_person, second_person
from kit.acting import Actor
from kit.errors import conflict, forbidden


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether an account may act, and the fact that counts it on."""

    disabled_by: Actor | None
    reason: str
    fact: PostChanged

    @property
    def state(self) -> str:
        """ENABLED or DISABLED."""
        return "DISABLED" if self.disabled_by else "ENABLED"


def disable(holdings: Holdings, actor: Actor, reason: str) -> Standing:
    """The account may do nothing from now on. Raises Refusal posts.own_account, account_disabled."""
    _expect_other(holdings, actor)
    if holdings.disabled_by:
        raise conflict("posts.account_disabled", "该账号已停用。")
    return Standing(actor, reason, _counted(holdings))


def enable(holdings: Holdings, actor: Actor, reason: str) -> Standing:
    """The account may act again. Raises Refusal posts.own_account, account_enabled, same_administrator."""
    _expect_other(holdings, actor)
    if not holdings.disabled_by:
        raise conflict("posts.account_enabled", "该账号未停用。")
    second_person(holdings.disabled_by.account, holdings.disabled_by.person_key, actor)
    return Standing(None, reason, _counted(holdings))


def _expect_other(holdings: Holdings, actor: Actor) -> None:
    if same_person(actor, holdings.account, holdings.person_keys):
        raise forbidden("posts.own_account", "不得停用或恢复本人账号，请由其他安全管理员办理。")


def _counted(holdings: Holdings) -> PostChanged:
    version = holdings.version + 1
    return PostChanged(holdings.account, version, version)
