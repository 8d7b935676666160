"""What a client says about its file: name and type. Neither is believed, both must fit the content."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from gateway.uploads.inspection.media import EXTENSIONS
from kit.errors import invalid

QUOTED = re.compile(r'filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.I)
EXTENDED = re.compile(r"filename\*\s*=\s*utf-8''([^\s;]+)", re.I)
UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd]"
)
"""Control signs, signs nobody sees or that turn the direction of reading, steps between folders."""
LONGEST = 255
UNSTATED = (
    "",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "binary/octet-stream",
)
"""Types that say nothing; the third is what some tools send by themselves."""
ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "application/x-pdf": "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """Names (from `Content-Disposition`) and type (`Content-Type`) as stated."""

    names: tuple[str, ...]
    media_type: str

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> "Claim":
        """Read the headers; Refusal 422 for a name that could deceive."""
        names = names_in(headers.get("content-disposition", ""))
        return cls.stated(names, headers.get("content-type", ""))

    @classmethod
    def stated(cls, names: Sequence[str], media_type: str) -> "Claim":
        """Names and a type as a client states them; Refusal 422 for a name that could deceive."""
        kind = media_type.partition(";")[0].strip().lower()
        if any(UNSAFE.search(name) or len(name) > LONGEST for name in names):
            raise invalid("upload.name", "文件名含有控制字符、不可见字符或路径，请改名后再上传。")
        return cls(tuple(names), ALIASES.get(kind, kind))

    def fits(self, found: str) -> None:
        """Refuse a file that is not what its name or type says."""
        for name in self.names:
            _, dot, extension = name.rpartition(".")
            if dot and EXTENSIONS.get(extension.lower()) != found:
                raise invalid(
                    "upload.mismatch", f"文件内容是{word(found)}，与扩展名不符，请改正后再上传。"
                )
        if self.media_type not in (*UNSTATED, found):
            raise invalid(
                "upload.mismatch", f"文件内容是{word(found)}，与所称类型不符，请改正后再上传。"
            )


def names_in(header: str) -> list[str]:
    """The file names of a header, plain and extended; what is no UTF-8 shows U+FFFD."""
    plain = [first or second for first, second in QUOTED.findall(header)]
    extended = [unquote_to_bytes(text) for text in EXTENDED.findall(header)]
    raw = [re.sub(r"\\(.)", r"\1", name).encode("latin-1", "replace") for name in plain]
    return [name.decode("utf-8", "replace") for name in (*raw, *extended)]


def word(found: str) -> str:
    """A type as people call it."""
    return next(name for name, kind in EXTENSIONS.items() if kind == found).upper()
