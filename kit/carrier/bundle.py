"""What both ends of a stream agree on."""

from typing import Protocol, TypeVar

SERVICE, METHOD = "minzheng.kit.Carrier", "Carry"
PATH = f"/{SERVICE}/{METHOD}"
ITEMS = 64
"""Most calls or answers of a bundle."""
BYTES = 1024 * 1024
"""Most body bytes of a bundle; what is larger travels alone."""
LARGEST = 4 * 1024 * 1024 - 64 * 1024
"""Most bytes of one body: what gRPC takes at once, less what surrounds the body."""


class Item(Protocol):
    """A call or an answer."""

    @property
    def body(self) -> bytes:
        """Its message in protobuf binary."""


Some = TypeVar("Some", bound=Item)


def take(waiting: dict[int, Some]) -> list[tuple[int, Some]]:
    """What leaves together, by number and in order; it waits no more."""
    taken: list[tuple[int, Some]] = []
    size = 0
    for number, item in waiting.items():
        size += len(item.body)
        if taken and (size > BYTES or len(taken) == ITEMS):
            break
        taken.append((number, item))
    for number, _ in taken:
        del waiting[number]
    return taken
