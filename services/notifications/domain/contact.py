"""Contact details of an account."""

from dataclasses import dataclass, replace

from kit.acting import expect_version
from services.notifications.domain.outward import Choice


@dataclass(frozen=True, slots=True)
class Contact:
    """Details as their owner gave them; `version` 0 means that nothing is kept yet."""

    name: str = ""
    phone: str = ""
    email: str = ""
    channels: tuple[str, ...] = ()
    """Ways of SMS and MAIL the owner named; none stands for all."""
    only_necessary: bool = False
    daily: bool = False
    version: int = 0

    @property
    def choice(self) -> Choice:
        """What messages to the account go by."""
        known = (("SMS", self.phone), ("MAIL", self.email))
        given = tuple(way for way, address in known if address)
        return Choice(given, self.channels, self.only_necessary, self.daily)

    def address(self, channel: str) -> str:
        """Where a way leads; empty where the owner gave nothing."""
        return {"SMS": self.phone, "MAIL": self.email}[channel]


def change(kept: Contact, version: int, given: Contact) -> Contact:
    """The next contact. `version` is the one the change builds on, 0 for any.

    Raises Refusal STALE when the details changed since.
    """
    expect_version(kept.version, version)
    return replace(given, version=kept.version + 1)
