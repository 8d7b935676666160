"""A case as a row and back: columns for what lists and locks look at, JSON for the rest."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kit.plain import asdict
from kit.regions import Level, Node, hainan
from kit.rotation import Sealed
from kit.rules import RuleSet
from kit.secrets import Keyring
from services.filing.domain.case import (
    Case,
    Charter,
    Finding,
    Form,
    Guidance,
    Material,
    Member,
    Objection,
    Pause,
    Persons,
    Premises,
    Principal,
    Proposal,
    Renewal,
    State,
)
from services.filing.domain.objections import waiting
from services.filing.domain.place import place_of

PLAIN = (
    "version", "fact_version", "owner", "application_no", "received_on", "pledge_version",
    "size_class", "member_mix", "opinion_due", "village_opinion", "village_opinion_text",
    "review_from", "correction_due", "correction_left", "notice_ends", "notice_left", "handler",
    "decide_due", "provisional", "decision", "reason", "filing_no", "printed_no", "decided_on", "valid_to",
    "renew_from", "erased_on",
)  # fmt: skip
"""Columns that hold a field of the case as it is; empty numbers are stored as NULL."""


def ancestor(community: Node, level: Level) -> str:
    """Code of the community's ancestor of a level; empty where there is none (counties under the province)."""
    nodes = hainan().ancestors(community)
    return next((node.code for node in nodes if node.level is level), "")


def row_of(case: Case, keyring: Keyring) -> dict[str, Any]:
    """Values of the case's columns."""
    community = hainan().get(case.place.community_code)
    row: dict[str, Any] = {name: getattr(case, name) for name in PLAIN}
    return row | {
        "filing_id": UUID(case.filing_id),
        "organization_id": UUID(case.organization_id),
        "state": case.state.name,
        "province": ancestor(community, Level.PROVINCE),
        "city": ancestor(community, Level.CITY),
        "county": case.place.county_code,
        "authority": case.place.authority_code,
        "community": case.place.community_code,
        "region_path": case.place.region_path,
        "name": case.form.name,
        "form": json.dumps(asdict(case.form), ensure_ascii=False),
        "persons": seal(case.filing_id, case.persons, keyring),
        "person_keys": person_keys(case.persons, keyring),
        "materials": json.dumps([asdict(item) for item in case.materials], ensure_ascii=False),
        "application_no": case.application_no or None,
        "filing_no": case.filing_no or None,
        "rules": case.rules.as_json if case.rules else None,
        "rule_version": case.pinned.fingerprint if case.rules else "",
        "renewal": _renewal(case.renewal),
        "correction_items": list(case.correction_items),
        "pauses": json.dumps([[_text(p.since), _text(p.until)] for p in case.pauses]),
        "proposal": json.dumps(asdict(case.proposal)) if case.proposal else None,
        "proposed_by": case.proposal.by if case.proposal else "",
        "refusal_grounds": list(case.refusal_grounds),
        "objections": seal_objections(case, keyring),
        "open_objections": len(waiting(case)),
        "guidance": json.dumps([asdict(g) for g in case.guidance], default=str, ensure_ascii=False),
        "reminded": json.dumps(dict(case.reminded)),
    }


def _renewal(renewal: Renewal | None) -> str | None:
    if renewal is None:
        return None
    told = {
        "received_on": _text(renewal.received_on),
        "rules": json.loads(renewal.rules.as_json),
        "by": renewal.by,
        "by_person": renewal.by_person,
        "decided_on": _text(renewal.decided_on),
    }
    return json.dumps(told, ensure_ascii=False)


def renewal_of(told: dict[str, Any]) -> Renewal:
    """The renewal of its JSON."""
    return Renewal(
        date.fromisoformat(told["received_on"]),
        RuleSet.from_json(json.dumps(told["rules"])),
        told["by"],
        told["by_person"],
        _day(told["decided_on"]),
    )


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def seal(filing_id: str, persons: Persons, keyring: Keyring) -> bytes:
    """The persons as one encrypted cell, bound to its row."""
    told = json.dumps(asdict(persons), ensure_ascii=False)
    return keyring.encrypt(told, SEALED.place("persons", filing_id))


def person_keys(persons: Persons, keyring: Keyring) -> list[str]:
    """Blind indexes of the principals' identity numbers."""
    numbers = [person.id_number for person in persons.principals if person.id_number]
    return [value for number in numbers for value in keyring.blind(number, "person")]


def case_of(row: Mapping[str, Any], keyring: Keyring) -> Case:
    """The case of a row."""
    tree = hainan()
    plain = {name: row[name] for name in PLAIN}
    plain |= {name: row[name] or "" for name in ("application_no", "filing_no")}
    proposal = json.loads(row["proposal"]) if row["proposal"] else None
    return Case(
        filing_id=str(row["filing_id"]),
        organization_id=str(row["organization_id"]),
        state=State[row["state"]],
        place=place_of(tree.get(row["community"]), tree.get(row["authority"])),
        form=form_of(json.loads(row["form"])),
        persons=unseal(str(row["filing_id"]), row["persons"], keyring),
        person_keys=tuple(row["person_keys"]),
        materials=tuple(Material(**item) for item in json.loads(row["materials"])),
        rules=RuleSet.from_json(row["rules"]) if row["rules"] else None,
        renewal=renewal_of(json.loads(row["renewal"])) if row["renewal"] else None,
        correction_items=tuple(row["correction_items"]),
        pauses=tuple(Pause(*map(_day, pause)) for pause in json.loads(row["pauses"])),  # type: ignore[arg-type]
        proposal=proposal_of(proposal) if proposal else None,
        objections=unseal_objections(str(row["filing_id"]), row["objections"], keyring),
        guidance=tuple(
            Guidance(**{**item, "written_on": _day(item["written_on"])})
            for item in json.loads(row["guidance"])
        ),
        reminded=tuple(sorted(json.loads(row["reminded"]).items())),
        refusal_grounds=tuple(row["refusal_grounds"]),
        **plain,
    )


def proposal_of(data: dict[str, Any]) -> Proposal:
    """The proposal of its JSON; older ones have no findings and no chair."""
    findings = tuple(Finding(**item) for item in data.get("findings", ()))
    lists = {name: tuple(data.get(name, ())) for name in ("grounds", "by_chair")}
    return Proposal(**{**data, **lists, "findings": findings})


def seal_objections(case: Case, keyring: Keyring) -> bytes | None:
    """The objections as one encrypted cell: free text may name persons."""
    if not case.objections:
        return None
    told = json.dumps([asdict(item) for item in case.objections], default=str, ensure_ascii=False)
    return keyring.encrypt(told, SEALED.place("objections", case.filing_id))


def unseal_objections(
    filing_id: str, cell: bytes | None, keyring: Keyring
) -> tuple[Objection, ...]:
    """The objections of their cell."""
    if cell is None:
        return ()
    told = json.loads(keyring.decrypt(bytes(cell), SEALED.place("objections", filing_id)))
    days = ("raised_on", "answered_on")
    return tuple(Objection(**item | {name: _day(item[name]) for name in days}) for item in told)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def form_of(data: dict[str, Any]) -> Form:
    """The form of its JSON."""
    codes = {name: tuple(data[name]) for name in ("field_codes", "target_groups")}
    parts = {"premises": Premises(**data["premises"]), "charter": Charter(**data["charter"])}
    return Form(**{**data, **codes, **parts})


def unseal(filing_id: str, cell: bytes, keyring: Keyring) -> Persons:
    """The persons of an encrypted cell."""
    return persons_of(keyring.unseal(bytes(cell), SEALED.place("persons", filing_id)))


def persons_of(content: bytes) -> Persons:
    """The persons of what their cell holds."""
    data = json.loads(content)
    return Persons(
        tuple(Principal(**person) for person in data["principals"]),
        tuple(Member(**member) for member in data["members"]),
    )


SEALED = Sealed(
    "filing",
    ("filing_id",),
    {"persons": "filing.persons", "objections": "filing.objections"},
    {"person_keys": lambda keyring, told: person_keys(persons_of(told["persons"]), keyring)},
)
