"""The one thing of a picture's metadata that is visible: which side is up."""

TIFF = {b"II*\x00": "little", b"MM\x00*": "big"}
ORIENTATION = 0x0112
SHORT = 3


def orientation(tiff: bytes) -> int:
    """1 to 8 as in EXIF; 1, upright, where nothing sensible is said."""
    order = TIFF.get(tiff[:4])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "big" if order == "big" else "little")

    first = number(4, 4)
    for entry in range(min(number(first, 2), 200)):
        at = first + 2 + 12 * entry
        if number(at, 2) == ORIENTATION and number(at + 2, 2) == SHORT:
            said = number(at + 8, 2)
            return said if 1 <= said <= 8 else 1
    return 1


def only(said: int) -> bytes:
    """EXIF that says the orientation and nothing else."""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + said.to_bytes(2, "big") + b"\x00\x00"
    return b"MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"
