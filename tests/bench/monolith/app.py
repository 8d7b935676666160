"""The plain monolith: FastAPI and async SQLModel in one process, as a good team would write it.

It keeps the same rules (the product's own), the same tables, indexes and rows, and commits before
it answers. It has no relay, no tracing, no row security and no second copy of a check: whatever
could be left to taste is left out, in its favor.
"""

import json
import os
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

from kit.acting import expect_version
from kit.errors import Refusal
from services.filing.domain import submission
from services.filing.domain.acting import Actor
from tests.bench.monolith import store, views
from tests.bench.monolith.store import SUBMIT

engine = create_async_engine(os.environ["MONOLITH_DSN"], pool_size=20, max_overflow=0)
# Numbers are drawn on connections of their own: sessions that wait for one hold another.
numbers = create_async_engine(os.environ["MONOLITH_DSN"], pool_size=5, max_overflow=0)
make_session = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
key = RSAKey.import_key(json.loads(os.environ["MONOLITH_KEY"]))
issuer, audience = os.environ["MONOLITH_ISSUER"], os.environ["MONOLITH_AUDIENCE"]
bearer = HTTPBearer()
app = FastAPI(title="Filing", telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False})  # fmt: skip


class Who(BaseModel):
    """The person who calls, as the token says."""

    subject: str
    county: str = ""


def who_calls(token: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> Who:
    """Verify the token: signature, issuer, audience, end."""
    try:
        claims = jwt.decode(token.credentials, key, algorithms=["RS256"]).claims
    except (JoseError, ValueError) as error:
        raise HTTPException(401, "登录已失效，请重新登录。") from error
    if claims["iss"] != issuer or audience not in claims["aud"] or claims["exp"] < time.time():
        raise HTTPException(401, "登录已失效，请重新登录。")
    return Who(subject=claims["sub"], county=claims.get("county", ""))


async def open_session() -> AsyncIterator[AsyncSession]:
    """A session a request."""
    async with make_session() as session:
        yield session


Caller = Annotated[Who, Depends(who_calls)]
Session = Annotated[AsyncSession, Depends(open_session)]
Key = Annotated[UUID, Header(alias="Idempotency-Key")]


@app.exception_handler(Refusal)
async def refused(_: Request, refusal: Refusal) -> JSONResponse:
    """What a rule refuses."""
    found = [vars_of(violation) for violation in refusal.violations]
    body = {"code": refusal.code, "detail": refusal.detail, "violations": found}
    return JSONResponse(body, refusal.kind.http)


def vars_of(violation: Any) -> dict[str, str]:
    """A violation as JSON."""
    return {"field": violation.field, "rule": violation.rule, "message": violation.message}


@app.post("/api/v1/filings", response_model=views.Answer)
async def create(body: views.Create, who: Caller, session: Session) -> views.Answer:
    """A new draft."""
    case = store.new_case(body, who.subject)
    answer = views.Answer(filing=views.filing(case))
    await store.add_case(session, case, who.subject)
    await session.commit()
    return answer


@app.put("/api/v1/filings/{filing_id}/materials/{code}", response_model=views.Answer)
async def attach(
    filing_id: UUID, code: str, body: views.Attach, who: Caller, session: Session
) -> views.Answer:
    """A file put on record."""
    row, case = await store.load(session, filing_id, who.subject)
    case = store.attached(case, code, body.receipt, who.subject)
    store.change(row, case, "upload_material", session)
    await session.commit()
    return views.Answer(filing=views.filing(case))


@app.post("/api/v1/filings/{filing_id}:submit", response_model=views.Answer)
async def submit(
    filing_id: Annotated[UUID, Path()],
    body: views.Submit,
    request_id: Key,
    who: Caller,
    session: Session,
) -> views.Answer:
    """Submission: load, judge by the rules, write everything in one transaction, answer."""
    row, case = await store.load(session, filing_id, who.subject)
    expect_version(case.version, body.version)
    moment = store.moment()
    rules = store.rules(case.place.region_path, moment.today)
    taken = await store.name_taken(session, case)
    actor = Actor(who.subject, "RESIDENT")
    numbered = submission.submit(case, actor, moment, rules, body.pledge_version, taken)
    outcome = numbered.finish(await store.draw(numbers, numbered.counter))
    answer = views.Answer(filing=views.filing(outcome.case))
    store.record(session, row, outcome, moment)
    store.keep(session, who.subject, SUBMIT, request_id, body, answer)
    try:
        await session.commit()
    except IntegrityError:
        await session.rollback()
        return await store.recall(session, who.subject, SUBMIT, request_id, views.Answer)
    return answer


@app.get("/api/v1/filings", response_model=views.Listed)
async def listed(
    who: Caller,
    session: Session,
    size: Annotated[int, Query(alias="page.size", ge=1, le=100)] = 20,
    token: Annotated[str, Query(alias="page.token")] = "",
) -> views.Listed:
    """Cases of the officer's county, newest first."""
    rows = await store.listed(session, who.county, size, token)
    return views.Listed(
        filings=[store.summary(row) for row in rows[:size]],
        next_token=str(rows[size - 1].filing_id) if len(rows) > size else "",
    )
