"""The guide and a tracked case as their readers see them."""

from datetime import date

from kit.places import region
from proto.gen.minzheng.filing.v1 import guide_pb as pb
from proto.gen.minzheng.filing.v1.filing_pb import FilingState, MaterialCode
from services.filing.domain import guide
from services.filing.domain.case import ENDED, Case, State
from services.filing.rpc.view import chip, text


def material(one: guide.Needed) -> pb.GuideMaterial:
    """A material."""
    return pb.GuideMaterial(
        code=MaterialCode[one.code],
        mandatory=one.mandatory,
        source=pb.MaterialSource[one.source],
        condition=one.condition,
    )


def checked(one: guide.Check) -> pb.ThresholdCheck:
    """A threshold."""
    return pb.ThresholdCheck(
        key=one.key,
        what=one.what,
        needed=one.needed,
        given=one.given,
        met=one.met,
        basis=one.basis,
    )


def tracked(case: Case, today: date) -> pb.TrackFilingResponse:
    """How a case stands, nothing of a person."""
    waits = case.state is State.CORRECTION
    return pb.TrackFilingResponse(
        application_no=case.application_no,
        name=case.form.name,
        state=FilingState[case.state.name],
        authority=region(case.place.authority_code),
        received_on=text(case.received_on),
        decide_due="" if case.state in ENDED else text(case.decide_due),
        provisional=case.provisional,
        time_state=chip(case, today),
        correction_due=text(case.correction_due) if waits else "",
        filing_no=case.filing_no,
        decided_on=text(case.decided_on),
    )
