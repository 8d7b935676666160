"""Times as a person types them, in the zone of the province."""

from datetime import datetime

from kit.calendar import ZONE


def typed_time(text: str) -> str:
    """`2026-11-29 08:00` as RFC 3339; what is no time stays as it is, for the service to refuse."""
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=ZONE)).isoformat()
