"""`/letters/…`: the letters of a case, and each as a file, for whoever their contract allows."""

from gateway.portal import Response, Visit, download, page
from gateway.portal.query import chosen
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1.letters_pb import (
    GetLetterFileRequest,
    LetterFormat,
    ListLettersRequest,
)

OWN = (Role.RESIDENT, Role.ORG_OWNER)
"""Whose case it is; the others are offices."""


@page("/letters/{filing_id}", asks=ListLettersRequest)
async def letters(visit: Visit) -> Response:
    """Every letter of a case; asks itself again while one is in print."""
    filing_id = visit.path["filing_id"]
    found = await visit.ask(ListLettersRequest(filing_id=filing_id))
    room = "org" if visit.role in OWN else "gov"
    return visit.show(
        "me/letters.html",
        part="me/_letters.html",
        filing_id=filing_id,
        found=found.letters,
        back=f"/{room}/cases/{filing_id}",
    )


@page("/letters/{filing_id}/{letter_id}", asks=GetLetterFileRequest)
async def letter(visit: Visit) -> Response:
    """The PDF, or with `?format=DOCX` the twin; always to be kept, never shown in a window of ours."""
    found = await visit.ask(
        GetLetterFileRequest(
            filing_id=visit.path["filing_id"],
            letter_id=visit.path["letter_id"],
            format=chosen(LetterFormat, visit.query.get("format", "")),
        )
    )
    return download(found.file)
