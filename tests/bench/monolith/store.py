"""The monolith's rows: SQLModel entities of the same tables, flushed by the session."""

import json
import uuid
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from fastapi import HTTPException
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import load_only
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.audit import signed
from kit.calendar import WorkingCalendar, business_date
from kit.facts import message_of
from kit.ids import uuid7
from kit.names import grams, normalize
from kit.outbox.row import OUTBOX_COLUMNS, outbox_row
from kit.regions import hainan
from kit.rules import RuleBook, RuleSet
from kit.secrets import Keyring
from kit.tables import AuditRow, OutboxRow, Request
from services.filing.domain import draft
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case, Material, Member, Persons, Principal, State
from services.filing.domain.letters.letter import Letter
from services.filing.domain.letters.table import EDITION, arising
from services.filing.domain.outcome import Outcome, Step
from services.filing.domain.place import place_of
from services.filing.domain.reminders import timer_on
from services.filing.store.asking import SEALED, new_code
from services.filing.store.read import KEYS
from services.filing.store.rows import PLAIN, form_of, row_of, unseal
from services.filing.store.tables import Filing, FilingLetter, FilingName, FilingSearch, FilingStep
from services.filing.store.write import PACKAGE
from tests.bench.monolith import views

SUBMIT = "submit_filing"
Model = TypeVar("Model", bound=BaseModel)
keyring = Keyring.load()
book = RuleBook.default()
calendar = WorkingCalendar(
    frozenset(
        book.resolve("CAL.LOCAL_HOLIDAYS", "/460000000000/", date.today()).value  # noqa: DTZ011
    )
)
LOOSE = """WITH c AS (INSERT INTO counter (name, last) VALUES (:name, 1)
 ON CONFLICT (name) DO UPDATE SET last = counter.last + 1 RETURNING last)
 SELECT last, set_config('synchronous_commit', 'off', true) FROM c"""
LINE: tuple[Any, ...] = (
    Filing.filing_id, Filing.name, Filing.state, Filing.community, Filing.application_no,
    Filing.received_on, Filing.decide_due, Filing.version, Filing.filing_no, Filing.handler,
    Filing.open_objections, Filing.proposal, Filing.form,
)  # fmt: skip
"""Columns a list needs: the wide ones stay in the database."""


def moment() -> Moment:
    """The moment by the process's clock."""
    now = datetime.now(UTC)
    return Moment(business_date(now, 0), now, calendar)


def new_case(body: views.Create, owner: str) -> Case:
    """The draft of a request."""
    tree = hainan()
    community = tree.get(body.community_code)
    place = place_of(community, tree.filing_authority(community.code, moment().today))
    data = body.form.model_dump()
    people = Persons(
        tuple(Principal(**person) for person in data.pop("principals")),
        tuple(Member(**member) for member in data.pop("members")),
    )
    filing_id = str(body.filing_id)
    return draft.create(
        filing_id, str(uuid7()), place, form_of(data), people, Actor(owner, "RESIDENT")
    ).case


async def add_case(session: AsyncSession, case: Case, owner: str) -> None:
    """The rows of a new draft."""
    now = moment()
    values = row_of(case, keyring)
    for name, column in Filing.__table__.columns.items():  # type: ignore[attr-defined]
        if column.type.__class__.__name__ == "JSONB" and isinstance(values.get(name), str):
            values[name] = json.loads(values[name])
    row = Filing(**values, timer_on=None, created_at=now.at, updated_at=now.at)
    session.add(row)
    await session.flush()
    step = Step("create_draft", None, State.DRAFT, "RESIDENT")
    session.add(_step(row, step, now))
    session.add(_audit(row, step, now, uuid.uuid4(), ""))


async def load(session: AsyncSession, filing_id: UUID, owner: str) -> tuple[Filing, Case]:
    """The caller's own case, locked until the commit; 404 otherwise."""
    row = await session.get(Filing, filing_id, with_for_update=True)
    if row is None or row.owner != owner:
        raise HTTPException(404, "未找到。")
    return row, _case(row)


def _case(row: Filing) -> Case:
    tree = hainan()
    plain = {name: getattr(row, name) for name in PLAIN}
    plain |= {name: getattr(row, name) or "" for name in ("application_no", "filing_no")}
    return Case(
        filing_id=str(row.filing_id),
        organization_id=str(row.organization_id),
        state=State[row.state],
        place=place_of(tree.get(row.community), tree.get(row.authority)),
        form=form_of(row.form),
        persons=unseal(str(row.filing_id), row.persons, keyring),
        person_keys=tuple(row.person_keys),
        materials=tuple(Material(**item) for item in row.materials),
        **plain,
    )


def attached(case: Case, code: str, receipt: str, account: str) -> Case:
    """The case with a material."""
    material = Material(code, receipt[:36], "00" * 32, "application/pdf", 90_000)
    return draft.attach(case, Actor(account, "RESIDENT"), material).case


def change(row: Filing, case: Case, action: str, session: AsyncSession) -> None:
    """The rows of a silent change of the materials."""
    now = moment()
    row.materials = [asdict(item) for item in case.materials]
    row.version, row.updated_at = case.version, now.at
    step = Step(action, case.state, case.state, "RESIDENT")
    session.add(_step(row, step, now))
    session.add(_audit(row, step, now, uuid.uuid4(), ""))


def rules(path: str, on: date) -> RuleSet:
    """The rules in force for a place on a day, kept by the process: nothing is read for them."""
    return book.pin(KEYS, path, on)


async def name_taken(session: AsyncSession, case: Case) -> bool:
    """A filed organization of the county bears the name."""
    wanted = select(FilingName.filing_id).where(
        FilingName.county == case.place.county_code,
        FilingName.name_key == normalize(case.form.name),
    )
    return (await session.exec(wanted)).first() is not None


async def draw(engine: AsyncEngine, counter: str) -> int:
    """The next application number, committed at once: its row is not held until the commit."""
    async with engine.begin() as connection:
        return int((await connection.execute(text(LOOSE), {"name": counter})).scalar_one())


def record(session: AsyncSession, row: Filing, outcome: Outcome, now: Moment) -> None:
    """The rows of a submission beside its idempotency row; its letter is asked for, nobody prints it."""
    case, step, decision = outcome.case, outcome.step, uuid.uuid4()
    assert case.rules is not None
    row.state, row.version, row.fact_version = case.state.name, case.version, case.fact_version
    row.application_no, row.received_on = case.application_no, case.received_on
    row.rules = json.loads(case.rules.as_json)
    row.rule_version, row.pledge_version = case.rules.fingerprint, case.pledge_version
    row.size_class, row.member_mix = case.size_class, case.member_mix
    row.opinion_due, row.review_from = case.opinion_due, case.review_from
    row.decide_due, row.provisional = case.decide_due, case.provisional
    row.timer_on, row.updated_at = timer_on(case, now), now.at
    name = case.form.name
    session.add(_step(row, step, now))
    session.add(FilingSearch(filing_id=row.filing_id, name_key=normalize(name), grams=grams(name)))
    session.add_all(_letter(row, letter, now) for letter in arising(outcome, now))
    session.add(_audit(row, step, now, decision, row.rule_version))
    message = message_of(outcome.fact, PACKAGE)
    values: dict[str, Any] = dict(zip(OUTBOX_COLUMNS, outbox_row(message, {}), strict=True))
    headers = {"decision_id": str(decision)}
    session.add(OutboxRow(**values | {"headers": headers, "created_at": now.at}))


def _letter(row: Filing, letter: Letter, now: Moment) -> FilingLetter:
    letter_id, told = uuid7(), json.dumps({"told": letter.told}, ensure_ascii=False)
    return FilingLetter(
        letter_id=letter_id, filing_id=row.filing_id, owner=row.owner,
        organization_id=row.organization_id, region_path=row.region_path, kind=letter.kind.name,
        edition=EDITION, number=letter.number, code=new_code(), organization=row.name,
        authority=row.authority, issued_on=now.today, standing="VALID", ended_on=None,
        data=keyring.encrypt(told, SEALED.place("data", str(letter_id))), stored=False,
        printed_at=None, pdf_sha256="", pdf_size=0, docx_sha256="", docx_size=0, attempts=0,
        try_at=now.at,
    )  # fmt: skip


def _step(row: Filing, step: Step, now: Moment) -> FilingStep:
    return FilingStep(
        filing_id=row.filing_id,
        ordinal=row.version,
        action=step.action,
        from_state=step.from_state.name if step.from_state else "",
        to_state=step.to_state.name,
        role=step.role,
        business_on=now.today,
        at=now.at,
        reason=step.reason,
        rule_version=row.rule_version,
        owner=row.owner,
        organization_id=row.organization_id,
        region_path=row.region_path,
    )


def _audit(row: Filing, step: Step, now: Moment, decision: UUID, rule_version: str) -> AuditRow:
    values = {
        "service": "filing",
        "at": now.at,
        "business_on": now.today,
        "subject": row.owner,
        "role": step.role,
        "post_id": "",
        "action": step.action,
        "object_id": str(row.filing_id),
        "region_path": row.region_path,
        "outcome": "done",
        "reason": step.reason,
        "from_state": step.from_state.name if step.from_state else "",
        "to_state": step.to_state.name,
        "rule_version": rule_version,
        "decision_id": decision,
        "traceparent": "",
    }
    made = signed(values, keyring.audit_id, keyring.mac)
    return AuditRow(**made, sealed=False)


def keep(
    session: AsyncSession, who: str, method: str, key: UUID, body: BaseModel, answer: BaseModel
) -> None:
    """The idempotency row: a digest of the request, the answer encrypted."""
    session.add(
        Request(
            subject=who,
            method=method,
            key=key,
            digest=keyring.digest(body.model_dump_json().encode()),
            response=keyring.seal(answer.model_dump_json().encode(), f"request.response:{key}"),
            created_at=datetime.now(UTC),
        )
    )


async def recall(
    session: AsyncSession, who: str, method: str, key: UUID, kind: type[Model]
) -> Model:
    """The answer that was given to the same request; 409 where it was another one."""
    row = await session.get(Request, (who, method, key))
    if row is None:
        raise HTTPException(409, "该事项已被办理。")
    told = keyring.unseal(row.response, f"request.response:{key}")
    return kind.model_validate_json(told)


async def listed(session: AsyncSession, county: str, size: int, after: str) -> list[Filing]:
    """Entities of a page, one more than asked, without their wide columns."""
    wanted = select(Filing).where(Filing.county == county, Filing.state != "DRAFT")
    if after:
        wanted = wanted.where(col(Filing.filing_id) < UUID(after))
    wanted = wanted.options(load_only(*LINE)).order_by(col(Filing.filing_id).desc())
    return list((await session.exec(wanted.limit(size + 1))).all())


def summary(row: Filing) -> views.Summary:
    """A line of a list."""
    return views.Summary(
        filing_id=row.filing_id,
        name=row.name,
        state=row.state,
        community_name=hainan().get(row.community).name,
        application_no=row.application_no,
        received_on=row.received_on,
        decide_due=row.decide_due,
        proposed_decision=row.proposal["decision"] if row.proposal else "",
        version=row.version,
        filing_no=row.filing_no,
        category=row.form["category"],
        handler=row.handler,
        open_objections=row.open_objections,
    )
