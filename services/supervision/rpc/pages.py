"""Pages of lists whose key is an id."""

from uuid import UUID

from kit.paging import decode
from proto.gen.minzheng.common.v1.paging_pb import PageRequest

SIZE = 20


def opened(page: PageRequest | None) -> tuple[int, UUID | None]:
    """Rows asked for, and the id they come after; Refusal common.page_token."""
    asked = page or PageRequest()
    return asked.size or SIZE, decode(asked.token, UUID)[0] if asked.token else None
