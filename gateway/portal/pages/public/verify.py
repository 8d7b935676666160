"""`/verify`: whether a letter is genuine and stands, by its code, or by its number and the file in hand.

The QR code on every page of a letter leads here. A code is no personal datum and stands in the address;
of a file only its hash goes on, the file itself is kept nowhere.
"""

from hashlib import file_digest

from gateway.portal import Response, Visit, action, page
from kit.errors import Kind, Refusal, Violation
from proto.gen.minzheng.filing.v1.letters_pb import Verification, VerifyDocumentRequest

PATH, PAGE = "/verify", "public/verify.html"
KINDS = {"VALID": "good", "REPLACED": "warn", "WITHDRAWN": "bad", "EXPIRED": "warn"}


@page(PATH, menu="文书核验", order=45, shared=False)
async def verify(visit: Visit) -> Response:
    """The form, or what is known of the code in the address."""
    code = visit.query.get("code", "").strip()[:40]
    return await answered(visit, VerifyDocumentRequest(code=code) if code else None, code)


@action(PATH)
async def compare(visit: Visit) -> Response:
    """The number of a letter and its file, as somebody has it in hand."""
    form = await visit.form()
    file, number = form.file("file"), form["number"]
    if file is None or not number:
        missing = Refusal(
            Kind.INVALID,
            "portal.verify_incomplete",
            "请填写文书编号并选择文书文件。",
            [
                Violation(key, "required", text)
                for key, text, there in (
                    ("number", "请填写文书编号。", number),
                    ("file", "请选择文书文件。", file),
                )
                if not there
            ],
        )
        return visit.refused(missing).show(PAGE, found=None, kind="", code="", unknown="")
    digest = file_digest(file.file, "sha256").hexdigest()  # type: ignore[arg-type]
    return await answered(visit, VerifyDocumentRequest(number=number[:60], sha256=digest), "")


async def answered(visit: Visit, asked: VerifyDocumentRequest | None, code: str) -> Response:
    """The page with what was found; a letter nobody knows is an answer too, and no error."""
    found: Verification | None = None
    unknown = ""
    try:
        if asked is not None:
            found = (await visit.ask(asked)).verification
    except Refusal as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            unknown = refusal.detail
        else:
            visit.refused(refusal)
    kind = KINDS[found.standing.name] if found else ""
    return visit.show(PAGE, found=found, kind=kind, code=code, unknown=unknown)
