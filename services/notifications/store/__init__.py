"""Rows of messages, read marks and contacts, always under the caller's scope and account."""

from dataclasses import replace

from kit.identity import Caller, system

SYSTEM = system("notifications")

IN_SCOPE = """(SELECT set_config('minzheng.scope', :scope, true)
 || set_config('minzheng.account', :account, true)) IS NOT NULL"""
"""Makes both settings of row security; a one-time filter, so they hold before any row is looked at."""


def reach(who: Caller) -> dict[str, object]:
    """Values of `IN_SCOPE` for a caller."""
    return {"scope": who.scope, "account": who.subject}


def for_account(account: str) -> Caller:
    """The platform itself, about one account: it sees that account's rows and no other's."""
    return replace(SYSTEM, subject=account)
