"""Facts of filing as the log brings them, with synthetic values."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from protobuf import Message

from kit.contracts import facts
from kit.reactions import Event
from proto.gen.minzheng.filing.v1 import facts_pb, filing_pb
from proto.gen.minzheng.subscriptions.v1 import webhooks_pb

PACKAGE = "minzheng.filing.v1"
APPLICANT = "8f3c0a52-0000-4000-8000-000000000001"
OBJECTORS = [f"8f3c0a52-0000-4000-8000-00000000000{n}" for n in (2, 3)]
COMMUNITY = "460106004002"
AUTHORITY = "460106004000"
COUNTY = "460106000000"
TOWN_PATH = "/460000000000/460100000000/460106000000/460106004000/"
OWN: dict[str, dict[str, Any]] = {
    "FilingSubmitted": {
        "application_no": "SB202603024601060001",
        "received_on": "2026-03-02",
        "decide_due": "2026-03-30",
        "opinion_asked": True,
        "opinion_due": "2026-03-05",
    },
    "FilingOpinionRecorded": {
        "opinion": filing_pb.VillageOpinion.NO_REPLY,
        "recorded_on": "2026-03-06",
        "decide_due": "2026-03-30",
    },
    "FilingReturned": {"missing": ["章程", "成员名册"], "correction_due": "2026-04-01"},
    "FilingResubmitted": {"resubmitted_on": "2026-03-10"},
    "FilingLapsed": {"lapsed_on": "2026-04-02", "objector_accounts": OBJECTORS},
    "FilingNoticeStarted": {"notice_ends": "2026-03-20"},
    "FilingObjected": {
        "ground": filing_pb.ObjectionGround.FOR_PROFIT,
        "objected_on": "2026-03-18",
        "objector_account": OBJECTORS[0],
    },
    "FilingObjectionRaised": {
        "ground": filing_pb.ObjectionGround.FOR_PROFIT,
        "raised_on": "2026-03-17",
    },
    "FilingObjectionAnswered": {
        "outcome": filing_pb.ObjectionOutcome.UNFOUNDED,
        "answered_on": "2026-03-19",
        "objector_account": OBJECTORS[0],
    },
    "FilingGuided": {"guided_on": "2026-03-12"},
    "FilingReminded": {
        "clock": facts_pb.FilingClock.DECISION,
        "level": 80,
        "clock_due": "2026-03-30",
    },
    "OrganizationFiled": {
        "filing_no": "SQBA4601060042026000017",
        "printed_no": "大同社备〔2026〕1号",
        "filed_on": "2026-03-21",
        "valid_to": "",
        "community_name": "大同里社区居民委员会",
        "authority_name": "大同街道",
        "objector_accounts": OBJECTORS,
    },
    "FilingRefused": {
        "grounds": [filing_pb.RefusalGround.FOR_PROFIT, filing_pb.RefusalGround.NOT_COMMUNITY],
        "decided_on": "2026-03-21",
        "objector_accounts": OBJECTORS,
    },
    "FilingWithdrawn": {"withdrawn_on": "2026-03-09", "objector_accounts": OBJECTORS},
    "RenewalDue": {
        "filing_no": "SQBA4601060042026000017",
        "valid_to": "2029-03-21",
        "due_on": "2028-12-21",
    },
    "FilingRenewalApplied": {
        "filing_no": "SQBA4601060042026000017",
        "received_on": "2029-03-01",
        "decide_due": "2029-03-15",
    },
    "FilingRenewed": {
        "filing_no": "SQBA4601060042026000017",
        "renewed_on": "2029-03-09",
        "valid_to": "2032-03-21",
    },
    "FilingExpired": {
        "filing_no": "SQBA4601060042026000017",
        "valid_to": "2029-03-21",
        "expired_on": "2029-03-22",
    },
}
"""What each fact of filing says beyond the head."""
DEPARTMENT = "8f3c0a52-0000-4000-8000-0000000000d1"
SUBSCRIBED: dict[str, dict[str, Any]] = {
    "SubscriptionRequested": {"requested_on": "2026-03-02"},
    "SubscriptionApproved": {"decided_on": "2026-03-03"},
    "SubscriptionRefused": {"decided_on": "2026-03-03"},
    "SubscriptionPaused": {"stopped_by": webhooks_pb.StoppedBy.PLATFORM, "paused_on": "2026-03-09"},
    "SubscriptionEnded": {"stopped_by": webhooks_pb.StoppedBy.ENDPOINT, "ended_on": "2026-03-10"},
}
"""What each fact of a subscription says beyond the head."""
ALL = OWN | SUBSCRIBED
NAMES = {
    **{name: f"{PACKAGE}.{name}" for name in OWN},
    **{name: f"minzheng.subscriptions.v1.{name}" for name in SUBSCRIBED},
}


def fact(fact_name: str, **changed: Any) -> Message:
    """A fact, through the wire once as a consumer sees it."""
    kind = facts()[NAMES[fact_name]]
    if fact_name in SUBSCRIBED:
        head = {
            "subscription_id": "019a0000-0000-7000-8000-0000000000b1",
            "fact_version": 1,
            "owner_account": DEPARTMENT,
            "region_code": COUNTY,
            "region_path": "/460000000000/460100000000/460106000000/",
        }
        return kind.from_binary(kind(**head | SUBSCRIBED[fact_name] | changed).to_binary())
    head = {
        "organization_id": "019a0000-0000-7000-8000-0000000000a1",
        "fact_version": 1,
        "filing_id": "019a0000-0000-7000-8000-0000000000f1",
        "name": "大同里社区合唱队",
        "region_path": f"{TOWN_PATH}{COMMUNITY}/",
        "community_code": COMMUNITY,
        "authority_code": AUTHORITY,
        "applicant_account": APPLICANT,
        "actor_role": 2,
    }
    return kind.from_binary(kind(**head | OWN[fact_name] | changed).to_binary())


def event(event_id: UUID) -> Event:
    """The headers a fact comes with."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Event(event_id, f"{PACKAGE}.Any", "aggregate", 1, at, "", {})
