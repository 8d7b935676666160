"""What whoever takes a folder can read in it: files as they lie, and whatever gunzips from any byte on."""

import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

MAGIC = b"\x1f\x8b\x08"


def found(folder: Path, words: Collection[bytes]) -> set[bytes]:
    """Those of the words that can be read somewhere in the folder."""
    texts = (text for file in folder.rglob("*") if file.is_file() for text in _texts(file))
    return {word for text in texts for word in words if word in text}


def _texts(file: Path) -> Iterator[bytes]:
    content = file.read_bytes()
    yield content
    at = content.find(MAGIC)
    while at >= 0:
        text = _gunzipped(content[at:])
        yield text
        at = content.find(MAGIC, at + 1)


def _gunzipped(content: bytes) -> bytes:
    """As much of it as can be."""
    packer, text = zlib.decompressobj(31), bytearray()
    try:
        for start in range(0, len(content), 65536):
            text += packer.decompress(content[start : start + 65536])
    except zlib.error:
        pass
    return bytes(text)
