"""Masks of personal fields: what readers without the right to more see."""


def mask_name(name: str) -> str:
    """符×× : the surname only."""
    return name[:1] + "**" if name else ""


def mask_phone(phone: str) -> str:
    """138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_mail(address: str) -> str:
    """f***@example.org: the first character and the domain."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if name else ""


def mask_id(number: str) -> str:
    """First and last character only."""
    return (
        f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"
        if len(number) > 2
        else "*" * len(number)
    )
