"""A file of a form: looked into, kept, put on record once."""

from uuid import UUID, uuid5

from gateway.portal import Visit, _
from gateway.portal.form import Form
from gateway.portal.pages.apply import draft, listed
from gateway.portal.wording import worded
from kit.errors import Refusal, Violation
from proto.gen.minzheng.filing.v1.filing_pb import AttachMaterialRequest, Filing, MaterialCode

REUSED = "common.key_reused"


async def attach(visit: Visit, filing: Filing, code: MaterialCode, sent: Form) -> Filing:
    """Keep a file and put it on record; the same file sent twice is put there once."""
    file = sent.file(listed.name_of(code))
    assert file is not None
    receipt, token = await visit.keep(file)
    asked = AttachMaterialRequest(
        filing_id=filing.filing_id, request_id=key_for(sent["request_id"], code), code=code,
        receipt=token,
    )  # fmt: skip
    try:
        saved: Filing = (await visit.ask(asked)).filing
    except Refusal as refusal:
        now = await draft.filing_of(visit)
        there = {one.code: one.sha256 for one in now.materials}
        if refusal.code != REUSED or there.get(code) != receipt.sha256:
            raise
        return now
    return saved


def key_for(request_id: str, code: MaterialCode) -> str:
    """A key of its own for each file of a form."""
    return str(uuid5(UUID(request_id), code.name))


def told(item: listed.Item, error: Refusal) -> Violation:
    """What is wrong with a file, at its field."""
    return Violation(
        listed.name_of(item.code), "upload", f"{_(item.label)}{_('：')}{worded(error.detail)}"
    )
