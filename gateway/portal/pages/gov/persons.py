"""Persons in clear: for a stated purpose, with a second factor, every reading on record."""

from gateway.portal import Response, Visit, action, page
from gateway.portal.filters import word
from gateway.portal.pages.gov.case import again, shown
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1.filing_pb import RevealPersonsRequest, RevealPurpose

PART = "gov/_persons.html"
PURPOSES = {str(one.value): one for one in RevealPurpose if one}


@page("/gov/cases/{filing_id}/persons", asks=RevealPersonsRequest)
async def ask(visit: Visit) -> Response:
    """What for?"""
    return await shown(visit, PART, purposes=purposes(), persons=None)


@action("/gov/cases/{filing_id}/persons", asks=RevealPersonsRequest)
async def reveal(visit: Visit) -> Response:
    """The persons, shown once and kept nowhere."""
    form = await visit.form()
    try:
        persons = await visit.ask(
            RevealPersonsRequest(
                filing_id=visit.path["filing_id"],
                request_id=form["request_id"],
                purpose=PURPOSES.get(form["purpose"], RevealPurpose.UNSPECIFIED),
            )
        )
    except Refusal as refusal:
        return await again(visit, refusal, PART, purposes=purposes(), persons=None)
    return await shown(visit, PART, purposes=(), persons=persons)


def purposes() -> list[tuple[str, str]]:
    """What a reading may be for, in words."""
    return [(code, word(one)) for code, one in PURPOSES.items()]
