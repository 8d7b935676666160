"""What a far end asks for by the header Retry-After."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def retry_after(text: str) -> timedelta:
    """Time asked for, in seconds or as a date; nothing where it is unreadable."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(moment - datetime.now(UTC), timedelta())
