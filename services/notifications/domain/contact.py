"""Contact details of an account."""

from dataclasses import dataclass

from kit.errors import Kind, Refusal


@dataclass(frozen=True, slots=True)
class Contact:
    """Details as their owner gave them; `version` 0 means that nothing is kept yet."""

    name: str = ""
    phone: str = ""
    email: str = ""
    version: int = 0


def change(kept: Contact, version: int, name: str, phone: str, email: str) -> Contact:
    """The next contact. `version` is the one the change builds on, 0 for any.

    Raises Refusal STALE when the details changed since.
    """
    if version and version != kept.version:
        raise Refusal(
            Kind.STALE, "common.stale_version", "内容已被更新，请刷新后在最新内容上修改。"
        )
    return Contact(name, phone, email, kept.version + 1)
