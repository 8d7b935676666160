"""A case as a desk sees it: the case itself, what happened, by which rules, who may do what now."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.portal.filters import word
from gateway.portal.pages.gov.desk import Chip
from gateway.portal.pages.gov.looks import look_of
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from proto.gen.minzheng.filing.v1.letters_pb import Letter
from proto.gen.minzheng.filing.v1.rules_pb import Rule

GROUNDS, NOTICE = "FIL.REFUSAL_GROUNDS", "FIL.NOTICE_DAYS"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page of a case shows."""

    filing: pb.Filing
    chip: Chip
    steps: Sequence[pb.HistoryEntry]
    rules: Sequence[Rule]
    guidance: Sequence[pb.Guidance] | None
    letters: Sequence[Letter] | None
    similar: Sequence[str]
    back: str
    away: bool
    can: frozenset[str]

    @property
    def look(self) -> str:
        """Look of the state's tag."""
        return look_of(self.filing.state)

    @property
    def heads(self) -> str:
        """Persons in charge, as far as the reader may see them."""
        form = self.filing.form or pb.Form()
        return "、".join(f"{one.name}（{one.position}）" for one in form.principals)

    @property
    def materials(self) -> dict[pb.MaterialCode, pb.Material | None]:
        """Every material the case must have or has, by its code."""
        kept = {one.code: one for one in self.filing.materials}
        codes = sorted({*self.filing.required_materials, *kept}, key=lambda code: code.value)
        return {code: kept.get(code) for code in codes}

    @property
    def grounds(self) -> list[tuple[int, str]]:
        """Grounds of refusal that the rules of the case list."""
        listed = self.rule(GROUNDS)
        return [(one.value, word(one)) for one in pb.RefusalGround if one and one.name in listed]

    @property
    def open(self) -> Sequence[pb.Material]:
        """Materials that are absent or unreadable."""
        wanting = (pb.Completeness.ABSENT, pb.Completeness.UNREADABLE)
        return [one for one in self.filing.materials if one.completeness in wanting]

    @property
    def taken_up(self) -> Sequence[pb.Objection]:
        """Objections that an acceptance must speak of."""
        taken = pb.ObjectionOutcome.TAKEN_UP
        return [one for one in self.filing.objections if one.outcome == taken]

    def finding(self, objection: pb.Objection) -> pb.ObjectionFinding | None:
        """What is proposed on an objection."""
        found = self.filing.proposed_findings
        return next((one for one in found if one.objection_id == objection.objection_id), None)

    @property
    def noticed(self) -> bool:
        """The rules ask for a public notice that is still to be held."""
        return self.rule(NOTICE) not in ("", "0") and "start_notice" in self.can

    @property
    def returned(self) -> Sequence[pb.HistoryEntry]:
        """Earlier notices of correction."""
        return [one for one in self.steps if one.action == "return_for_correction"]

    def step(self, action: str) -> pb.HistoryEntry | None:
        """The last step of that kind."""
        return next((one for one in reversed(self.steps) if one.action == action), None)

    def rule(self, key: str) -> str:
        """Value of a rule of the case as text; empty where rules were not read."""
        return next((one.value for one in self.rules if one.key == key), "")
