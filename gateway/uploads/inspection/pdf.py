"""PDF: nothing that acts, no attachments, no encryption, also where it is packed or spelled oddly.

Whatever a reader could take for an object is looked at, wherever a table of contents points to:
names are searched in the whole file, and object streams (the one place to hide them) are unpacked.
"""

import re
import zlib
from collections.abc import Iterator

from gateway.uploads.inspection.media import Content, Write, refuse_pixels, refuse_second_nature
from gateway.uploads.inspection.refusals import damaged, encrypted, too_complex
from kit.errors import Refusal, invalid

REGULAR = rb"[^\s\x00()<>\[\]{}/%]"
SPACE = rb"(?:[\s\x00]|%[^\r\n]*[\r\n])"
STRING = rb"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+\)"
DICTIONARY = re.compile(rb"(?<!end)obj" + SPACE + rb"*+(?=<<)")
"""Where an object that is a dictionary, with or without a stream, may begin."""
HEAD = re.compile(
    rb"(?:[\s\x00\[\]{}>]++|<<|<[^<>]*+>|/" + REGULAR + rb"*+|" + STRING + rb"|%[^\r\n]*+"
    rb"|(?!(?:stream|endobj)(?!" + REGULAR + rb"))" + REGULAR + rb"++)*+(stream|endobj)",
    re.DOTALL,
)
"""A dictionary up to its stream or its end, token by token, so that no text can end it early."""
MAX_HEAD = 1024 * 1024
NAME = re.compile(rb"/(" + REGULAR + rb"*)")
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM_START = re.compile(rb"[ \t]*(?:\r\n|\n|\r)?")
EDGE = re.compile(rb"/(Width|Height)" + SPACE + rb"*(\d+)")
PACKERS = (b"FlateDecode", b"LZWDecode", b"Fl", b"LZW")
FILTERS = (
    *PACKERS, b"ASCIIHexDecode", b"AHx", b"ASCII85Decode", b"A85", b"RunLengthDecode", b"RL",
    b"DCTDecode", b"DCT", b"CCITTFaxDecode", b"CCF", b"JBIG2Decode", b"JPXDecode", b"Crypt",
    b"DecodeParms", b"DP", b"Predictor", b"FFilter",
)  # fmt: skip
MAX_RATIO = 100
FREE = 1024 * 1024
"""Bytes that a stream may unpack to whatever its ratio."""
MAX_OBJECTS = 64 * 1024 * 1024
"""Bytes of all object streams, unpacked."""
FIRST_STEP = 2 * 1024
STEP = 64 * 1024

ATTACHED = (b"EmbeddedFile", b"EmbeddedFiles", b"FileAttachment", b"GoToE")
ACTIVE = (
    b"JavaScript", b"Launch", b"RichMedia", b"Rendition", b"XFA", b"SubmitForm", b"ImportData",
    b"Movie", b"GoTo3DView",
)  # fmt: skip
REFUSED = (b"Encrypt", *ATTACHED, *ACTIVE)
"""Names that no document for a case needs."""


def spelled(name: bytes) -> bytes:
    """A pattern of a name in every spelling: any letter may stand as #hh."""
    return b"".join(
        b"(?:%c|#%c(?i:%c))" % (letter, *(b"%02x" % letter)) for letter in name
    )  # fmt: skip


NAMES = b"|".join(spelled(name) for name in REFUSED)
REFUSED_NAME = re.compile(rb"/(?:" + NAMES + rb")(?!" + REGULAR + rb")")
FILE_OF = re.compile(
    rb"/" + spelled(b"EF") + SPACE + rb"*+(?:<<|\d++" + SPACE + rb"++\d++" + SPACE + rb"++R)"
)
"""A file specification with its embedded file."""


def inspect(content: Content, write: Write) -> None:
    """Refuse what should not be opened; nothing is written, the file stays as it is."""
    refuse_end(content)
    refuse_names(content)
    refuse_second_nature(content)
    unpacked = 0
    for head, at in streams(content):
        unpacked += look_into(content, head, at)
        if unpacked > MAX_OBJECTS:
            raise too_complex("PDF 的压缩内容过大")


def refuse_end(content: Content) -> None:
    """A PDF ends with its mark and nothing behind it."""
    at = content.rfind(b"%%EOF")
    if at < 0:
        raise damaged("PDF 没有结尾")
    if content[at + 5 :].strip(b"\x00\t\n\f\r "):
        raise invalid("upload.polyglot", "PDF 结尾之后还有其他数据，请重新导出后再上传。")


def refuse_names(text: Content) -> None:
    """Refuse by names anywhere in a text, in any spelling."""
    if found := REFUSED_NAME.search(text):
        raise reason_of(unescaped(found[0][1:]))
    if FILE_OF.search(text):
        raise attached()


def reason_of(name: bytes) -> Refusal:
    """Why a name is refused."""
    if name in ACTIVE:
        detail = "PDF 含有脚本或自动执行的动作，请重新导出为普通 PDF 后再上传。"
        return invalid("upload.active", detail)
    return attached() if name in ATTACHED else encrypted()


def attached() -> Refusal:
    """422: a file inside the file."""
    return invalid("upload.attached", "PDF 内嵌了其他文件，请去掉附件后再上传。")


def unescaped(name: bytes) -> bytes:
    """A name as it is meant."""
    return ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), name) if b"#" in name else name


def streams(content: Content) -> Iterator[tuple[bytes, int]]:
    """Dictionary and start of every stream that any reader could find."""
    for start in DICTIONARY.finditer(content):
        found = HEAD.match(content, start.end(), start.end() + MAX_HEAD)
        if found is None:
            raise damaged("PDF 的对象结构不正确")
        if found[1] == b"stream":
            begin = STREAM_START.match(content, found.end())
            assert begin is not None, "the pattern matches nothing as well"
            yield found[0], begin.end()


def look_into(content: Content, head: bytes, at: int) -> int:
    """Look into one stream; bytes of objects unpacked."""
    names = [unescaped(name) for name in NAME.findall(head)]
    if b"First" in names or b"ObjStm" in names:
        return refuse_objects(content, names, at)
    if b"Image" in names and b"Width" in names:
        edges = {name: int(text) for name, text in EDGE.findall(head)}
        refuse_pixels(edges.get(b"Width", 1), edges.get(b"Height", 1))
    elif sum(name in PACKERS for name in names) > 1:
        raise too_complex("PDF 中有多重压缩的内容")
    elif b"FlateDecode" in names:
        refuse_bomb(content, at)
    return 0


def refuse_objects(content: Content, names: list[bytes], at: int) -> int:
    """Objects are plain or packed once in the usual way, and refused like those outside."""
    told = [name for name in names if name in FILTERS]
    if told not in ([], [b"FlateDecode"]):
        raise damaged("PDF 的对象流采用了少见的编码")
    if not told:
        return 0
    text = bytearray()
    try:
        for piece, _ in unpacked(content, at):
            text += piece
            if len(text) > MAX_OBJECTS:
                raise too_complex("PDF 的压缩内容过大")
    except zlib.error as error:
        raise damaged("PDF 的对象流无法解开") from error
    refuse_names(bytes(text))
    return len(text)


def refuse_bomb(content: Content, at: int) -> None:
    """Refuse a stream that grows beyond all measure; a broken one is the reader's affair."""
    size = 0
    try:
        for piece, read in unpacked(content, at):
            size += len(piece)
            if size > FREE + MAX_RATIO * read:
                raise too_complex("PDF 的压缩比过高")
    except zlib.error:
        return


def unpacked(content: Content, at: int) -> Iterator[tuple[bytes, int]]:
    """A stream unpacked in pieces, each with the packed bytes read so far."""
    unpacker, read = zlib.decompressobj(), 0
    while not unpacker.eof:
        packed = unpacker.unconsumed_tail
        if not packed:
            # Most streams are small: a short first look saves copies of what follows them.
            packed = content[at + read : at + read + (STEP if read else FIRST_STEP)]
            read += len(packed)
        piece = unpacker.decompress(packed, STEP * 4)
        if not piece and not packed:
            return
        yield piece, read
