"""What a form sends: fields and files, within limits."""

from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.problems import HttpError, Problem

KINDS = ("application/x-www-form-urlencoded", "multipart/form-data")
FIELDS = 500
FILES = 20
PART = 200_000
"""Bytes of one field; files are held to the limit of uploads."""
NOT_A_FORM = Problem(415, "api.not_a_form", "媒体类型不支持", "请求正文应为表单。")
VALUE, WHOSE = "form_value", "form_whose"
"""Hidden values of every form: of its session, and of its account."""


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name."""

    data: FormData

    def __getitem__(self, name: str) -> str:
        """A field; empty where it was not sent (as boxes that are not ticked)."""
        value = self.data.get(name, "")
        return cleaned(value) if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [cleaned(value) for value in self.data.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """A file; None where none was chosen."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None

    @property
    def texts(self) -> dict[str, str]:
        """The fields without the hidden values."""
        return {name: self[name] for name in self.data if name not in (VALUE, WHOSE)}

    @property
    def typed(self) -> list[tuple[str, str]]:
        """Every value of every field, as it was typed."""
        return [
            (name, text)
            for name, text in self.data.multi_items()
            if isinstance(text, str) and name not in (VALUE, WHOSE)
        ]


def cleaned(text: str) -> str:
    """Without white space around, line ends as `\\n`, without U+0000, which no database stores."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


async def read_form(request: Request) -> Form:
    """The form of a request; HttpError 415 for anything else or beyond the limits."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise HttpError(NOT_A_FORM)
    try:
        found = await request.form(max_files=FILES, max_fields=FIELDS, max_part_size=PART)
    except HTTPException as error:
        raise HttpError(NOT_A_FORM) from error
    return Form(found)
