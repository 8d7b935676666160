"""SM-01: people act in any order on any days, the model judges.

What the model refuses is refused for a reason it names and changes nothing; what it allows is done,
along a transition of the domain's table; and case and model stand in the same place.
"""

import csv
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kit.codes import filing_problem
from kit.errors import Refusal
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.filing.model import Model, Who
from tests.filing.service import COMMUNITY, RESIDENT, STREET, at
from tests.filing.sides import PRINCIPALS, Side
from tests.filing.states import ENDED, FINAL, STATES

CODES = ("B01", "B02", "B03", "B04", "B05", "B06")
STEPS = 50


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


def officers(role: Role, *people: tuple[str, str]) -> list[Caller]:
    """Post-holders at the street: independent ones, the applicant, a person in charge."""
    path = at(role, STREET).region_path
    concerned = [(RESIDENT.subject, ""), ("in-charge", PRINCIPALS[0])]
    return [
        Caller(account, role, region_code=STREET, region_path=path, person_key=person)
        for account, person in (*people, *people, *concerned)
    ]


CLERKS = officers(Role.TOWN_CLERK, *((f"clerk-{n}", f"person-{n}") for n in range(3)))
LEADS = officers(Role.TOWN_LEAD, *((f"lead-{n}", f"person-{n}") for n in range(5)), ("clerk-0", ""))
VILLAGES = [at(Role.VILLAGE, COMMUNITY, name) for name in ("head", "member", "resident")]
NEIGHBORS = [*(at(Role.RESIDENT, subject=f"neighbor-{n}") for n in range(3)), RESIDENT]
OWNERS = [
    at(Role.ORG_OWNER, subject=RESIDENT.subject),
    replace(at(Role.ORG_OWNER, subject="heir"), person_key="person-1"),
]
"""The applicant, and a clerk who leads the organization later."""
BAD = ("ABSENT", "UNREADABLE")


class Machine(RuleBasedStateMachine):
    """One case after another; `side` is what the model judges."""

    side: Side
    seen: Counter[str]
    """Steps done and refused, transitions walked, over all runs."""

    @initialize(
        days=st.sampled_from([0, 5, 5]), years=st.sampled_from([0, 1, 1]), filed=st.booleans()
    )
    def begin_the_world(self, days: int, years: int, filed: bool) -> None:
        self.notice_days, self.years = days, years
        self.filed: Counter[str] = Counter()
        self.side.empty(days, years)
        self.begin()
        if years and filed:
            self.come_to_be_filed()

    def begin(self) -> None:
        """A new case in the hands of the same people; no two filed ones share a name."""
        self.side.begin("暖" * (2 + self.filed.total()))
        applicant, today = Who(RESIDENT.subject), self.side.today()
        self.model = Model(
            applicant, frozenset(PRINCIPALS), CODES, today, self.notice_days, self.years
        )
        self.row = self.side.row()

    def come_to_be_filed(self) -> None:
        """Nothing goes wrong: half of the runs have their steps for what comes after."""
        self.submit()
        self.act("give_opinion", VILLAGES[0], "AGREE", "")
        self.act("mark", CLERKS[0], dict.fromkeys(CODES, "PRESENT"))
        if self.notice_days:
            self.act("start_notice", CLERKS[0])
            self.days_pass(self.notice_days + 1)
        self.act("propose", CLERKS[0], "ACCEPT", [])
        self.act("decide", LEADS[1], True)

    def act(self, step: str, who: Caller, *given: Any) -> None:
        """The same step on both sides; a refusal leaves no trace."""
        self.model.today = self.side.today()
        arguments = (Who(who.subject, who.person_key), *given)
        reasons = self.model.reasons(step, *arguments)
        note(f"{self.model.today} {self.model.state} {step} {arguments}: {reasons or 'fine'}")
        refused = self._done(step, who, *given)
        self.seen[f"{step} {'refused' if refused else 'done'}"] += 1
        if refused:
            assert refused in reasons, f"{step} was refused: {refused}, not {reasons}"
            assert self.side.row() == self.row, "a refused request left a trace"
        else:
            assert not reasons, f"{step} was done in spite of {reasons}"
            getattr(self.model, step)(*arguments)
            self._moved()

    def _done(self, step: str, who: Caller, *given: Any) -> str:
        """Do it; the code of its refusal."""
        try:
            self.side.do(step, who, *given)
        except Refusal as refusal:
            return refusal.code
        return ""

    def _moved(self) -> None:
        before, after = self.row, self.side.row()
        self.row = after
        start, to = before["state"], after["state"]
        assert start == to or (start, to) in TABLE, f"{start} to {to} is no transition"
        assert start not in FINAL or start == to, "no way from ended to living"
        assert after["version"] == before["version"] + 1 == after["line"]
        if to == "FILED" and start not in ("FILED", "RENEW_DUE"):
            self.filed[after["filing_no"][-10:-6]] += 1
        if start != to:
            self.seen[f"{start} → {to}"] += 1

    @rule(luck=st.randoms(use_true_random=True))
    def something_happens(self, luck: Random) -> None:
        """Mostly what the state is waiting for, sometimes what it is not.

        One rule for every step, and an even chance: the engine leaves rules out of whole runs and
        likes small numbers, and few runs would get far.
        """
        state, wanted = self.model.state, luck.random()
        if wanted < (0.5 if state == "FILED" and self.years else 0.2):
            long = {"CORRECTION": [31] * 3, "FILED": [335] * 9, "RENEW_DUE": [31] * 9}
            self.days_pass(luck.choice([1, 1, 2, 3, 4, 6, 12, 31, *long.get(state, ())]))
        elif state in ENDED and wanted < 0.7:
            self.begin()
        elif state == "DRAFT" and wanted < 0.9:
            self.submit()
        elif wanted > 0.98:
            self.act("withdraw", RESIDENT)
        else:
            due = [name for name, at in STATES.items() if state in at and name != "withdraw"]
            if "mark" in due and self.model.open_items():
                due += ["send_for_correction"] * 5
            steps = due if due and wanted < 0.9 else list(STATES)
            getattr(self, luck.choice(steps))(luck)

    def days_pass(self, days: int) -> None:
        """The platform looks until nothing is due."""
        self.side.advance(days)
        self.seen.update(self.model.pass_days(self.side.today()))
        for _ in range(20):
            known = self.row["reminders"]
            if not self.side.look():
                return
            self._moved()
            self._reminded(known)
        raise AssertionError("the platform finds no rest")

    def _reminded(self, known: int) -> None:
        if known != self.row["reminders"]:
            self.seen["remind"] += 1
            assert self.model.state not in ENDED, "an ended case rests"

    def submit(self) -> None:
        self.side.submit()
        self.model.today = self.side.today()
        self.model.submit()
        self._moved()

    def give_opinion(self, luck: Random) -> None:
        opinion, text = luck.choice(["AGREE", "DISAGREE"]), luck.choice(["", "理由"])
        self.act("give_opinion", luck.choice(VILLAGES), opinion, text)

    def mark(self, luck: Random) -> None:
        again = luck.choice([(), self.model.named[:1], luck.sample(CODES, luck.randint(1, 2))])
        marks = {code: luck.choice(BAD) if code in again else "PRESENT" for code in CODES}
        self.act("mark", luck.choice(CLERKS), marks)

    def send_for_correction(self, luck: Random) -> None:
        self.act("send_for_correction", luck.choice(CLERKS))

    def resubmit(self, luck: Random) -> None:
        supplied = self.model.named if self.model.state == "CORRECTION" else ()
        for code in supplied[: None if luck.random() < 0.8 else 1]:
            self.side.supply(code)
            self.model.supply(code)
            self._moved()
        self.act("resubmit", RESIDENT)

    def start_notice(self, luck: Random) -> None:
        self.act("start_notice", luck.choice(CLERKS))

    def object_to(self, luck: Random) -> None:
        ground = luck.choice(["FOR_PROFIT", "FOR_PROFIT", "OTHER"])
        self.act("object_to", luck.choice(NEIGHBORS), str(uuid7()), ground)

    def handle(self, luck: Random) -> None:
        waiting = [key for key, (_, found) in self.model.objections.items() if not found]
        outcome = luck.choice(["TAKEN_UP", "TAKEN_UP", "UNFOUNDED"])
        for key in (waiting or list(self.model.objections))[:1]:
            self.act("handle", luck.choice(CLERKS), key, outcome)

    def propose(self, luck: Random) -> None:
        answered = self.model.taken_up() if luck.random() < 0.8 else []
        what = luck.choice(["ACCEPT"] * 3 + ["REFUSE"])
        self.act("propose", luck.choice(CLERKS), what, answered)

    def decide(self, luck: Random) -> None:
        self.act("decide", luck.choice(LEADS), luck.choice([True, True, False]))

    def renew(self, luck: Random) -> None:
        organization = str(self.row["organization_id"])
        self.act("renew", replace(luck.choice(OWNERS), organization_id=organization))

    def withdraw(self, luck: Random) -> None:
        if self.model.state in ENDED:
            self.act("withdraw", RESIDENT)

    @invariant()
    def both_stand_in_the_same_place(self) -> None:
        row, model = self.row, self.model
        assert row["state"] == model.state
        assert row["fact_version"] == row["facts"], "facts are counted without holes"
        assert row["facts"] - row["reminders"] == model.facts
        assert row["proposed_by"] == (model.proposal[1].account if model.proposal else "")
        for name in (
            "opinion_due",
            "correction_due",
            "correction_left",
            "notice_ends",
            "notice_left",
            "valid_to",
            "renew_from",
        ):
            assert row[name] == getattr(model, name), name
        assert tuple(row["correction_items"]) == model.named

    @invariant()
    def no_clock_runs_during_correction(self) -> None:
        """Days of a correction or notice are not among those counted by the model."""
        if self.model.state not in ENDED:
            assert self.row["stopped"] == (self.model.state == "CORRECTION")
        if self.model.state in ("VILLAGE_REVIEW", "COMPLETENESS", "NOTICE_PERIOD"):
            assert self.row["decide_due"] == self.model.decide_due()
        if self.model.state == "RENEW_DUE":
            due = self.model.decide_due() if self.model.pending else None
            assert self.row["decide_due"] == due

    @invariant()
    def numbers_have_no_gaps(self) -> None:
        number = self.row["filing_no"]
        assert bool(number) == (self.model.state in ("FILED", "RENEW_DUE", "EXPIRED"))
        if number:
            assert filing_problem(number) is None
            assert int(number[-6:-1]) == self.filed[number[-10:-6]], "one more than the last one"


def run(side: Side, runs: int) -> Counter[str]:
    """So many runs of fifty steps; answers what was walked. A failing run is printed as it is."""
    machine: type[Machine] = type("Judged", (Machine,), {"side": side, "seen": Counter()})
    case = machine.TestCase()
    case.settings = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    case.runTest()
    return machine.seen
