"""The two that are judged by the model: the rules alone, and the service on PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

import asyncpg

from kit.access import require
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.identity import Caller
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain import decision, draft, objections, reminders, renewal, review
from services.filing.domain.acting import Actor
from services.filing.domain.case import Case, Finding, Material
from services.filing.domain.outcome import Numbered, Outcome
from services.filing.domain.pledge import PLEDGES
from services.filing.rpc.work import subject_of
from services.filing.timers import due_step
from tests.filing.builders import drafted, finish, moment, rules, submitted
from tests.filing.service import COMMUNITY, KEYRING, NAME, RESIDENT, Filing, demo_form

NAMES = {
    "give_opinion": "GiveVillageOpinion", "mark": "MarkCompleteness", "resubmit": "ResubmitFiling",
    "send_for_correction": "ReturnForCorrection", "start_notice": "StartNotice",
    "object_to": "ObjectToFiling", "handle": "HandleObjection", "propose": "ProposeDecision",
    "decide": "DecideFiling", "withdraw": "WithdrawFiling", "renew": "ApplyForRenewal",
}  # fmt: skip
"""RPC of each step of the model."""
PRINCIPALS = [
    index
    for person in demo_form(NAME, COMMUNITY, 1, "")["principals"]
    for index in KEYRING.blind(person["idNumber"], "person")
]
"""Persons in charge of the case."""
TABLES = """filing, filing_step, filing_letter, filing_name, filing_search, rule_setting, counter,
 kit.request, kit.outbox"""
SCOPE = "(SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"
SHOWN = (
    "state", "version", "fact_version", "filing_no", "opinion_due", "correction_due",
    "correction_left", "notice_ends", "notice_left", "decide_due", "correction_items",
    "organization_id", "valid_to", "renew_from",
)  # fmt: skip
ROW = f"""SELECT {", ".join(SHOWN)}, proposed_by, reminded,
 pauses::text LIKE '%null%' AS stopped,
 (SELECT max(ordinal) FROM filing_step s WHERE s.filing_id = f.filing_id) AS line,
 (SELECT count(*) FROM kit.outbox WHERE aggregateid = organization_id::text) AS facts,
 (SELECT count(*) FROM kit.outbox WHERE aggregateid = organization_id::text
 AND type LIKE '%FilingReminded') AS reminders FROM filing f WHERE filing_id = $1 AND {SCOPE}"""
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date + shift_days FROM kit.clock"
RULE = """INSERT INTO rule_setting (key, region_path, effective_from, value, basis)
 VALUES ($1, '/460000000000/', '2021-06-01', $2, '测试依据')"""


class Side(Protocol):
    """One case after another, in steps of the model."""

    def empty(self, notice_days: int, valid_years: int) -> None:
        """No case yet; the province asks for a public notice of that length, and for renewal."""

    def begin(self, brand: str) -> None:
        """A complete draft of the resident."""

    def submit(self) -> None:
        """收件"""

    def supply(self, code: str) -> None:
        """A material attached by the resident."""

    def do(self, step: str, who: Caller, *given: Any) -> None:
        """A step of the model. Raises Refusal."""

    def advance(self, days: int) -> None:
        """The business clock moves on."""

    def look(self) -> bool:
        """The platform looks once; answers whether it took a step."""

    def today(self) -> date:
        """The legal day."""

    def row(self) -> Mapping[str, Any]:
        """Where the case stands."""


@dataclass
class Rules:
    """The rules of the domain on a case in memory, behind the access rows of the contract."""

    province: dict[str, str] = field(default_factory=dict)
    day: date = date(2026, 11, 2)
    case: Case = field(default_factory=drafted)
    facts: int = 0
    reminders: int = 0
    filed: dict[int, int] = field(default_factory=dict)

    def empty(self, notice_days: int, valid_years: int) -> None:
        self.day, self.filed = Rules.day, {}
        self.province = {
            "FIL__NOTICE_DAYS": str(notice_days),
            "FIL__VALID_YEARS": str(valid_years),
        }

    def begin(self, brand: str) -> None:
        self.case = drafted(owner=RESIDENT.subject, person_keys=tuple(PRINCIPALS))
        self.facts = self.reminders = 0

    def submit(self) -> None:
        self.case = submitted(self.case, self.day, **self.province)
        self.facts = 1

    def supply(self, code: str) -> None:
        self._take(draft.attach(self.case, _actor(RESIDENT), Material(code, "new", "11")))

    def do(self, step: str, who: Caller, *given: Any) -> None:
        rpc = rpc_by_path()[f"/minzheng.filing.v1.FilingService/{NAMES[step]}"]
        require(rpc.access, who, subject_of(self.case))
        self._take(getattr(self, f"_{step}")(_actor(who), moment(self.day), *given))

    def _take(self, outcome: Outcome | Numbered) -> None:
        serial = self.filed.get(self.day.year, 0) + 1
        if isinstance(outcome, Numbered):
            self.filed[self.day.year] = serial
        done = finish(outcome, serial)
        self.case = done.case
        self.facts += done.fact is not None
        self.reminders += done.step.action == "remind"

    def _give_opinion(self, who: Actor, now: Any, opinion: str, text: str) -> Outcome:
        return review.give_opinion(self.case, who, now, opinion, text)

    def _mark(self, who: Actor, now: Any, marks: Mapping[str, str]) -> Outcome:
        return review.mark(self.case, who, [(code, mark, "") for code, mark in marks.items()])

    def _send_for_correction(self, who: Actor, now: Any) -> Outcome:
        return review.return_once(self.case, who, now)

    def _resubmit(self, who: Actor, now: Any) -> Outcome:
        return review.resubmit(self.case, who, now)

    def _start_notice(self, who: Actor, now: Any) -> Outcome:
        return decision.start_notice(self.case, who, now)

    def _object_to(self, who: Actor, now: Any, key: str, ground: str) -> Outcome:
        return objections.object_to(self.case, who, now, key, ground, "理由")

    def _handle(self, who: Actor, now: Any, key: str, outcome: str) -> Outcome:
        return objections.handle(self.case, who, now, key, outcome, "答复")

    def _propose(self, who: Actor, now: Any, what: str, answered: Iterable[str]) -> Outcome:
        findings = tuple(Finding(key, "UNFOUNDED", "查无此事") for key in answered)
        grounds = ("FOR_PROFIT",) if what == "REFUSE" else ()
        return decision.propose(self.case, who, now, what, grounds, "理由", findings)

    def _decide(self, who: Actor, now: Any, agree: bool) -> Outcome | Numbered:
        return decision.decide(self.case, who, now, agree, "意见")

    def _renew(self, who: Actor, now: Any) -> Outcome:
        pinned = rules(on=self.day, **self.province)
        return renewal.apply(self.case, who, now, pinned, PLEDGES[-1].version)

    def _withdraw(self, who: Actor, now: Any) -> Outcome:
        return draft.withdraw(self.case, who, now, "")

    def advance(self, days: int) -> None:
        self.day += timedelta(days=days)

    def look(self) -> bool:
        now = moment(self.day)
        on = reminders.timer_on(self.case, now)
        outcome = due_step(self.case, now)
        assert (outcome is not None) == (on is not None and on <= self.day), "the timer knows"
        if outcome is not None:
            self._take(outcome)
        return outcome is not None

    def today(self) -> date:
        return self.day

    def row(self) -> Mapping[str, Any]:
        case = self.case
        shown = {name: getattr(case, name) for name in SHOWN} | {"state": case.state.name}
        return shown | {
            "facts": self.facts,
            "reminders": self.reminders,
            "stopped": any(pause.until is None for pause in case.pauses),
            "line": case.version,
            "proposed_by": case.proposal.by if case.proposal else "",
            "reminded": dict(case.reminded),
        }


def _actor(who: Caller) -> Actor:
    return Actor(who.subject, who.role.name, who.person_key)


@dataclass
class Service:
    """The service on PostgreSQL, called as the door calls it."""

    loop: asyncio.AbstractEventLoop
    database: Database
    owner: asyncpg.Connection
    filing_id: str = ""

    def __post_init__(self) -> None:
        self.filing = Filing(self.database)

    def wait(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    def empty(self, notice_days: int, valid_years: int) -> None:
        self.wait(self.owner.execute(f"TRUNCATE {TABLES}; UPDATE kit.clock SET shift_days = 0"))
        self.wait(self.owner.execute(RULE, "FIL.NOTICE_DAYS", str(notice_days)))
        self.wait(self.owner.execute(RULE, "FIL.VALID_YEARS", str(valid_years)))

    def begin(self, brand: str) -> None:
        self.filing_id = self.wait(self.filing.draft(brand))

    def submit(self) -> None:
        self.wait(self.filing.submit(self.filing_id))

    def supply(self, code: str) -> None:
        self.wait(self.filing.attach(self.filing_id, code))

    def do(self, step: str, who: Caller, *given: Any) -> None:
        fields = getattr(self, f"_{step}", lambda: {})(*given)
        self.wait(self.filing.call(NAMES[step], who, filing_id=self.filing_id, **fields))

    def _give_opinion(self, opinion: str, text: str) -> dict[str, Any]:
        return {"opinion": pb.VillageOpinion[opinion], "text": text}

    def _mark(self, marks: Mapping[str, str]) -> dict[str, Any]:
        return {
            "findings": [
                pb.MaterialFinding(code=pb.MaterialCode[code], completeness=pb.Completeness[mark])
                for code, mark in marks.items()
            ]
        }

    def _object_to(self, key: str, ground: str) -> dict[str, Any]:
        return {"objection_id": key, "ground": pb.ObjectionGround[ground], "text": "理由"}

    def _handle(self, key: str, outcome: str) -> dict[str, Any]:
        return {"objection_id": key, "outcome": pb.ObjectionOutcome[outcome], "answer": "答复"}

    def _propose(self, what: str, answered: Iterable[str]) -> dict[str, Any]:
        found = {"outcome": pb.ObjectionOutcome.UNFOUNDED, "answer": "查无此事"}
        return {
            "decision": pb.Decision[what],
            "grounds": [pb.RefusalGround.FOR_PROFIT] if what == "REFUSE" else [],
            "reason": "理由",
            "objections": [pb.ObjectionFinding(objection_id=key, **found) for key in answered],
        }

    def _decide(self, agree: bool) -> dict[str, Any]:
        return {"agree": agree, "note": "意见"}

    def _renew(self) -> dict[str, Any]:
        return {"pledge_version": PLEDGES[-1].version}

    def advance(self, days: int) -> None:
        text = "UPDATE kit.clock SET shift_days = shift_days + $1"
        self.wait(self.owner.execute(text, days))

    def look(self) -> bool:
        # Cases of worlds before this one come due as well.
        before = self.row()["version"]
        self.wait(self.filing.due.move_on())
        return bool(self.row()["version"] != before)

    def today(self) -> date:
        found: date = self.wait(self.owner.fetchval(TODAY))
        return found

    def row(self) -> Mapping[str, Any]:
        return dict(self.wait(self.database.pool.fetchrow(ROW, self.filing_id)))
