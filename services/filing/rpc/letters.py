"""The RPCs of letters: those of a case for who may have them, and the check that is open to everybody."""

from grpc.aio import ServicerContext

from kit.access import require
from kit.call import current
from kit.errors import Kind, Refusal, not_found
from kit.identity import system
from kit.places import region
from proto.gen.minzheng.common.v1.file_pb import FileContent
from proto.gen.minzheng.filing.v1 import letters_pb as pb
from proto.gen.minzheng.filing.v1.letters_pb_grpc import LetterServiceService
from services.filing.domain.letters import verifying
from services.filing.rpc.view import text
from services.filing.rpc.work import subject_of
from services.filing.store.letters import Kept, Letters
from services.filing.store.read import Reader

PUBLIC = system("filing").scope
"""The check is public: it finds a letter by its code, whosever it is; nothing of the case is answered."""
MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class LetterRpc(LetterServiceService):
    """The servicer."""

    def __init__(self, reader: Reader, letters: Letters) -> None:
        self.reader = reader
        self.letters = letters

    async def list_letters(
        self, request: pb.ListLettersRequest, context: ServicerContext
    ) -> pb.ListLettersResponse:
        """Letters of a case in the caller's reach."""
        await self._expect_reach(request.filing_id)
        found = await self.letters.of_case(request.filing_id, current().who.scope)
        return pb.ListLettersResponse(letters=[letter_of(one) for one in found])

    async def get_letter_file(
        self, request: pb.GetLetterFileRequest, context: ServicerContext
    ) -> pb.GetLetterFileResponse:
        """A file; Refusal 404 while it is being printed, or printed again after the store lost it."""
        await self._expect_reach(request.filing_id)
        scope = current().who.scope
        letter = await self.letters.one(request.filing_id, request.letter_id, scope)
        if letter is None:
            raise not_found()
        if not letter.stored:
            raise _in_print()
        kind = "docx" if request.format is pb.LetterFormat.DOCX else "pdf"
        content = await self.letters.read(letter, kind)
        if content is None:
            await self.letters.lost(letter, scope)
            raise _in_print()
        return pb.GetLetterFileResponse(file=_file(letter, kind, content))

    async def verify_document(
        self, request: pb.VerifyDocumentRequest, context: ServicerContext
    ) -> pb.VerifyDocumentResponse:
        """Genuine and how it stands; Refusal 404 for everything else."""
        code, number, digest = request.code, request.number.strip(), request.sha256.lower()
        verifying.expect_question(code, number, digest)
        if code:
            found = await self.letters.by_code(verifying.code_of(code), PUBLIC)
        else:
            found = await self.letters.by_file(number, digest, PUBLIC)
        if (
            found is None
            or found.printed_at is None
            or not _same(found, number if code else "", digest)
        ):
            raise verifying.unknown()
        return pb.VerifyDocumentResponse(verification=verification_of(found))

    async def _expect_reach(self, filing_id: str) -> None:
        call = current()
        case, _ = await self.reader.load(filing_id, call.who.scope)
        require(call.access, call.who, subject_of(case))


def _same(letter: Kept, number: str, digest: str) -> bool:
    """What else was asked about fits the letter found by its code."""
    hashes = ("", letter.pdf_sha256, letter.docx_sha256)
    return number in ("", letter.number) and digest in hashes


def _file(letter: Kept, kind: str, content: bytes) -> FileContent:
    digest = letter.pdf_sha256 if kind == "pdf" else letter.docx_sha256
    name = f"{letter.kind.form}-{letter.letter_id}.{kind}"
    return FileContent(name=name, media_type=MEDIA[kind], sha256=digest, content=content)


def _in_print() -> Refusal:
    return Refusal(Kind.NOT_FOUND, "filing.letter_in_print", "文书正在生成，请稍后再下载。")


def letter_of(letter: Kept) -> pb.Letter:
    """A letter as its readers see it."""
    return pb.Letter(
        letter_id=letter.letter_id,
        kind=pb.LetterKind[letter.kind.name],
        title=letter.kind.value,
        number=letter.number,
        edition=letter.edition,
        issued_on=text(letter.issued_on),
        standing=pb.LetterStanding[letter.standing.name],
        ended_on=text(letter.ended_on),
        code=letter.code if letter.printed_at else "",
        ready=letter.stored,
        pdf_sha256=letter.pdf_sha256,
        pdf_size=letter.pdf_size,
        docx_sha256=letter.docx_sha256,
        docx_size=letter.docx_size,
    )


def verification_of(letter: Kept) -> pb.Verification:
    """What everybody may know of it."""
    return pb.Verification(
        standing=pb.LetterStanding[letter.standing.name],
        kind=pb.LetterKind[letter.kind.name],
        title=letter.kind.value,
        number=letter.number,
        organization=letter.organization,
        authority=region(letter.authority),
        issued_on=text(letter.issued_on),
        ended_on=text(letter.ended_on),
        edition=letter.edition,
        pdf_sha256=letter.pdf_sha256,
        docx_sha256=letter.docx_sha256,
    )
