"""Somebody saved the draft meanwhile: who, when, what differs; nothing that was typed is lost."""

from gateway.portal import Response, Visit
from gateway.portal.forms import Form, Texts, differing
from gateway.portal.pages.apply import draft, steps
from kit.errors import Kind, Refusal
from proto.gen.minzheng.filing.v1.filing_pb import UpdateDraftRequest

REUSED = "common.key_reused"


def is_stale(refusal: Refusal) -> bool:
    """The page was made before the last change, or sent once already with another content."""
    return refusal.kind is Kind.STALE or refusal.code == REUSED


async def shown(visit: Visit, form: Form, texts: Texts) -> Response:
    """The step with what was typed over the newest version, and both side by side where they differ."""
    filing = await draft.filing_of(visit)
    last = await draft.last_change(visit, filing)
    rows = differing(form, UpdateDraftRequest(form=filing.form), texts)
    visit.status = Kind.STALE.http
    return steps.shown(visit, filing, texts, more={"last": last, "rows": rows})
