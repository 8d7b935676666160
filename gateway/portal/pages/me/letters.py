"""`/letters/…`: a letter as a file, for whoever its contract allows."""

from gateway.portal import Response, Visit, download, page
from gateway.portal.query import chosen
from proto.gen.minzheng.filing.v1.letters_pb import GetLetterFileRequest, LetterFormat


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
