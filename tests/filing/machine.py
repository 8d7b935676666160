"""SM-01 against the service: people act in any order on PostgreSQL, the table of the domain judges.

Every step that is accepted must be a transition of the table; one that is refused changes nothing.
"""

import asyncio
import csv
from collections.abc import Awaitable
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kit.codes import filing_problem
from kit.database import Database
from kit.errors import Refusal
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from tests.filing.service import COMMUNITY, RESIDENT, STREET, Filing, at

CODES = ("B01", "B02", "B03", "B04", "B05", "B06")
ENDED = {"FILED", "REFUSED", "LAPSED", "WITHDRAWN"}
TABLES = "filing, filing_step, filing_name, filing_search, rule_setting, kit.request, kit.outbox"
SCOPE = "(SELECT set_config('minzheng.scope', 'r:/', true)) IS NOT NULL"


def transitions() -> set[tuple[str, str]]:
    """(from, to) of SM-01; a step that stays in its state is none."""
    found = set()
    with (Path(__file__).parent / "data" / "state_machines.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["machine"].startswith("SM-01"):
                for start in row["from"].replace(" or ", ",").split(","):
                    found.add((start.split()[0], row["to"].split()[0]))
    # The table routes from SUBMITTED in the same step in which it is reached.
    routed = {(a, d) for a, b in found for c, d in found if b == c == "SUBMITTED"}
    return found | routed


TABLE = transitions()


def officer(role: Role, subject: str, person: str) -> Caller:
    """A post-holder at the street with an identity of their own."""
    holder = at(role, STREET, subject)
    return Caller(
        subject, role, region_code=STREET, region_path=holder.region_path, person_key=person
    )


CLERKS = st.sampled_from(
    [officer(Role.TOWN_CLERK, f"clerk-{n}", f"person-{n}") for n in range(3)]
    + [officer(Role.TOWN_CLERK, RESIDENT.subject, "")]
)
LEADS = st.sampled_from(
    [officer(Role.TOWN_LEAD, f"lead-{n}", f"person-{n}") for n in range(4)]
    + [officer(Role.TOWN_LEAD, "clerk-0", "")]
)
FOUND = st.sampled_from(["PRESENT", "PRESENT", "PRESENT", "ABSENT", "UNREADABLE"])
VILLAGE = at(Role.VILLAGE, COMMUNITY)


class Service(RuleBasedStateMachine):
    """One case after another on a service; `loop` and `database` are the test's."""

    loop: asyncio.AbstractEventLoop
    database: Database
    owner: asyncpg.Connection

    def __init__(self) -> None:
        super().__init__()
        self.filing = Filing(self.database)
        self.proposer = self.decider = None
        self.asked: set[str] = set()
        self.case = pb.Filing()
        self.id = self.wait(self._begin())
        self.rows = self.wait(self._trace())

    def wait(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    async def _begin(self) -> str:
        await self.owner.execute(f"TRUNCATE {TABLES}; UPDATE kit.clock SET shift_days = 0")
        return await self.filing.draft()

    def act(self, name: str, who: Caller, **fields: Any) -> bool:
        """One RPC; a refusal must leave case, history and facts as they were."""
        try:
            self.wait(self.filing.call(name, who, **{"filing_id": self.id} | fields))
        except Refusal:
            assert self.wait(self._trace()) == self.rows, "a refused request left a trace"
            return False
        self._moved()
        return True

    def _moved(self) -> None:
        before, after = self.rows, self.wait(self._trace())
        self.rows = after
        start, to = before[0], after[0]
        assert start == to or (start, to) in TABLE, f"{start} to {to} is no transition"
        assert start not in ENDED or start == to, "no way from ended to living"
        assert after[1] == before[1] + 1 == after[2] + 1, "one version and one line a step"

    async def _trace(self) -> tuple[Any, ...]:
        row = await self.filing.database.pool.fetchrow(
            "SELECT state, version, (SELECT max(ordinal) FROM filing_step s"
            " WHERE s.filing_id = f.filing_id) - 1 AS lines, fact_version,"
            " (SELECT count(*) FROM kit.outbox) AS facts, pauses, proposed_by, filing_no"
            f" FROM filing f WHERE filing_id = $1 AND {SCOPE}",
            self.id,
        )
        return tuple(row)

    def see(self) -> pb.Filing:
        answer = self.wait(self.filing.call("GetFiling", RESIDENT, filing_id=self.id))
        found: pb.Filing = answer.filing
        return found

    def state(self) -> str:
        return str(self.rows[0])

    @precondition(lambda self: self.state() == "DRAFT")
    @rule(days=st.sampled_from(["0", "0", "5"]))
    def submit(self, days: str) -> None:
        self.wait(
            self.database.pool.execute(
                "INSERT INTO rule_setting (key, region_path, effective_from, value, basis)"
                " VALUES ('FIL.NOTICE_DAYS', '/460000000000/', $1, $2, '测试依据')"
                " ON CONFLICT DO NOTHING",
                date(2021, 6, 1),
                days,
            )
        )
        self.wait(self.filing.submit(self.id))
        self._moved()

    @rule(days=st.integers(1, 12))
    def days_pass(self, days: int) -> None:
        self.wait(self._advance(days))
        for _ in range(20):
            if not self.wait(self.filing.due.move_on()):
                break
            self._moved()
        else:
            raise AssertionError("the platform finds no rest")

    async def _advance(self, days: int) -> None:
        await self.owner.execute("UPDATE kit.clock SET shift_days = shift_days + $1", days)

    @precondition(lambda self: self.state() == "VILLAGE_REVIEW")
    @rule(opinion=st.sampled_from(["AGREE", "DISAGREE"]), text=st.sampled_from(["", "理由"]))
    def opinion(self, opinion: str, text: str) -> None:
        self.act("GiveVillageOpinion", VILLAGE, opinion=pb.VillageOpinion[opinion], text=text)

    @precondition(lambda self: self.state() != "DRAFT")
    @rule(who=CLERKS, found=st.lists(FOUND, min_size=6, max_size=6))
    def mark(self, who: Caller, found: list[str]) -> None:
        self._mark(who, found)

    @precondition(lambda self: self.state() == "COMPLETENESS")
    @rule(who=CLERKS)
    def mark_complete(self, who: Caller) -> None:
        self._mark(who, ["PRESENT"] * len(CODES))

    def _mark(self, who: Caller, found: list[str]) -> None:
        findings = [
            pb.MaterialFinding(code=pb.MaterialCode[code], completeness=pb.Completeness[mark])
            for code, mark in zip(CODES, found, strict=True)
        ]
        self.act("MarkCompleteness", who, findings=findings)

    @rule(who=CLERKS)
    def send_for_correction(self, who: Caller) -> None:
        if self.act("ReturnForCorrection", who):
            items = {item.name for item in self.see().correction_items}
            assert not self.asked or items <= self.asked, "never a new item"
            self.asked = self.asked or items

    @precondition(lambda self: self.state() == "CORRECTION")
    @rule(whole=st.booleans())
    def answer_correction(self, whole: bool) -> None:
        for item in self.see().correction_items[: None if whole else 1]:
            self.wait(self.filing.attach(self.id, item.name))
            self._moved()
        self.act("ResubmitFiling", RESIDENT)

    @rule(who=CLERKS)
    def start_notice(self, who: Caller) -> None:
        self.act("StartNotice", who)

    @rule(number=st.integers(0, 3), ground=st.sampled_from(["FOR_PROFIT", "OTHER"]))
    def resident_objects(self, number: int, ground: str) -> None:
        self.act(
            "ObjectToFiling",
            at(Role.RESIDENT, subject=f"neighbor-{number}"),
            objection_id=str(uuid7()),
            ground=pb.ObjectionGround[ground],
            text="理由",
        )

    @precondition(lambda self: self.state() == "NOTICE_PERIOD")
    @rule(who=CLERKS, outcome=st.sampled_from(["TAKEN_UP", "UNFOUNDED"]))
    def handle(self, who: Caller, outcome: str) -> None:
        for item in [item for item in self.see().objections if not item.outcome][:1]:
            self.act(
                "HandleObjection",
                who,
                objection_id=item.objection_id,
                outcome=pb.ObjectionOutcome[outcome],
                answer="答复",
            )

    @rule(who=CLERKS, what=st.sampled_from(["ACCEPT", "ACCEPT", "REFUSE"]))
    def propose(self, who: Caller, what: str) -> None:
        findings = [
            pb.ObjectionFinding(
                objection_id=item.objection_id,
                outcome=pb.ObjectionOutcome.UNFOUNDED,
                answer="查无此事",
            )
            for item in self.see().objections
            if item.outcome is pb.ObjectionOutcome.TAKEN_UP
        ]
        grounds = [pb.RefusalGround.FOR_PROFIT] if what == "REFUSE" else []
        decision = pb.Decision[what]
        done = self.act(
            "ProposeDecision", who,
            decision=decision, grounds=grounds, reason="理由", objections=findings,
        )  # fmt: skip
        self.proposer = who if done else self.proposer  # type: ignore[assignment]

    @rule(who=LEADS, agree=st.sampled_from([True, True, False]))
    def decide(self, who: Caller, agree: bool) -> None:
        done = self.act("DecideFiling", who, agree=agree, note="意见")
        self.decider = who if done and agree else self.decider  # type: ignore[assignment]

    @rule(really=st.sampled_from([False] * 9 + [True]))
    def withdraw(self, really: bool) -> None:
        if really:
            self.act("WithdrawFiling", RESIDENT)

    @invariant()
    def two_independent_persons_decided(self) -> None:
        if self.decider is not None:
            assert self.proposer is not None
            assert self.decider.subject != self.proposer.subject
            assert not self.decider.person_key or (
                self.decider.person_key != self.proposer.person_key
            )
            assert RESIDENT.subject not in (self.decider.subject, self.proposer.subject)

    @invariant()
    def the_rows_agree(self) -> None:
        state, _, _, fact_version, facts, pauses, proposed_by, number = self.rows
        assert fact_version == facts, "facts are counted without holes"
        stopped = "null" in pauses
        assert state in ENDED or stopped == (state == "CORRECTION"), "no clock runs meanwhile"
        assert (number is not None) == (state == "FILED")
        assert not proposed_by or state in ("COMPLETENESS", "NOTICE_PERIOD")
        assert number is None or filing_problem(number) is None
