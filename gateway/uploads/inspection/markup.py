"""XML inside documents: no document type, no entities; nothing is ever resolved."""

from xml.parsers import expat

from gateway.uploads.inspection.refusals import damaged
from kit.errors import Refusal, invalid

MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
Element = tuple[str, dict[str, str]]
MAX_ELEMENTS = 50_000


class _Enough(Exception):
    """The first element was reached."""


def looks_so(head: bytes) -> bool:
    """The part begins as XML does, in any encoding."""
    for mark in MARKS:
        head = head.removeprefix(mark)
    return head.lstrip(b"\x00\t\n\r ")[:1] == b"<"


def parser() -> expat.XMLParserType:
    """A parser that refuses a document type."""
    made = expat.ParserCreate()
    made.StartDoctypeDeclHandler = _refuse_doctype
    return made


def _refuse_doctype(*_: object) -> None:
    raise doctype()


def doctype() -> Refusal:
    """422: entities can read files and grow without end."""
    return invalid(
        "upload.entities", "文件的 XML 含有文档类型或实体定义，请用原软件重新另存后再上传。"
    )


def refuse_prolog(head: bytes) -> None:
    """Read up to the first element: a document type can only stand before it."""
    reader = parser()

    def stop(*_: object) -> None:
        raise _Enough

    reader.StartElementHandler = stop
    try:
        reader.Parse(head, False)
    except _Enough:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged("文件内的 XML 无法读取") from error
    raise damaged("文件内的 XML 没有内容")


def elements(text: bytes) -> list[Element]:
    """Local names and attributes of all elements, in order."""
    found: list[Element] = []

    def take(name: str, attributes: dict[str, str]) -> None:
        if len(found) >= MAX_ELEMENTS:
            raise damaged("文件的内部目录过长")
        found.append((name.rpartition(":")[2], attributes))

    reader = parser()
    reader.StartElementHandler = take
    try:
        reader.Parse(text, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise damaged("文件内的 XML 无法读取") from error
    return found
