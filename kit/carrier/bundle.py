"""What both ends of a stream agree on.

Bundles joined are a bundle, so calls and answers are written one by one and leave together.
"""

SERVICE, METHOD = "minzheng.kit.Carrier", "Carry"
PATH = f"/{SERVICE}/{METHOD}"
HELLO = ("minzheng-carrier", "1")
"""Initial metadata of a stream whose calls will be begun: before it the client writes nothing."""
ITEMS = 64
"""Most calls or answers of a bundle."""
BYTES = 1024 * 1024
"""Most bytes of a bundle; what is larger travels alone."""
LARGEST = 4 * 1024 * 1024 - 64 * 1024
"""Most bytes of one body: what gRPC takes at once, less what surrounds the body."""


def take(waiting: dict[int, bytes]) -> tuple[list[int], bytes]:
    """What leaves together, numbers and bytes, in order; it waits no more."""
    numbers: list[int] = []
    size = 0
    for number, item in waiting.items():
        size += len(item)
        if numbers and (size > BYTES or len(numbers) == ITEMS):
            break
        numbers.append(number)
    return numbers, b"".join([waiting.pop(number) for number in numbers])
