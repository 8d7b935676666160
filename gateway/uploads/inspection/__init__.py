"""What a file is by its content, and whether it may be kept. Standard library only.

Runs in a child process (`gateway.uploads.sandbox`): nothing here opens a file, a socket or a
decoder of pictures; archives are read in a stream and never extracted.
"""

import importlib

from gateway.uploads.inspection.media import JPEG, OLE, PDF, PNG, Content, Write
from gateway.uploads.inspection.refusals import encrypted, unknown_type

KINDS = {
    b"%PDF-": (PDF, "pdf"),
    b"\xff\xd8\xff": (JPEG, "jpeg"),
    b"\x89PNG\r\n\x1a\n": (PNG, "png"),
    b"PK\x03\x04": ("", "archive"),
}
"""First bytes, type, and the module that looks further; an archive tells its type inside."""


def inspect(content: Content, write: Write) -> str:
    """The media type; a picture is written anew without its metadata, other files are not written.

    Raises Refusal `upload.…`, `upload.type_refused` for a type that is not accepted.
    """
    head = content[:16]
    found = next((kind for magic, kind in KINDS.items() if head.startswith(magic)), None)
    if found is None:
        raise encrypted() if head.startswith(OLE) else unknown_type()
    # One module a file: the child lives shortly, and patterns take time to compile.
    looking = importlib.import_module(f"gateway.uploads.inspection.{found[1]}")
    told: str | None = looking.inspect(content, write)
    return told or found[0]
