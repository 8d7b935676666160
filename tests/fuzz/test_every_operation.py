"""Schemathesis over the published document, signed in: no 5xx, nothing undocumented, domain code reached."""

import asyncio
import math
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.demo.client import PASSWORD, Person
from kit.embedded.sign_in import client_token, sign_in
from kit.ids import uuid7
from tests.fuzz.drive import Drive, Driven
from tests.fuzz.fivefold import Fivefold
from tests.fuzz.recorder import Recorder, load, operations
from tests.platform import Platform
from tests.sink import Authority

CASES = int(os.environ.get("MINZHENG_FUZZ_CASES", "2000"))
"""At least; the share of an operation is a little more, for some have fewer different calls."""
SHARE = 1.1
FRESH_SECONDS = 120.0
"""After which somebody signs in again: tokens last five minutes."""
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, response_headers_conformance,
]  # fmt: skip
DOOR = ("common.malformed", "common.invalid", "common.no_function", "api.", "auth.")
"""Codes of refusals that no domain code has seen."""
RENEWAL = ":applyForRenewal"
STATE_OF = {
    ":submit": "DRAFT", "/form": "DRAFT", "/violations": "DRAFT", "/materials/": "CORRECTION", ":giveOpinion":
    "VILLAGE_REVIEW", ":resubmit": "CORRECTION", "/objections": "NOTICE_PERIOD", RENEWAL: "RENEW_DUE",
}  # fmt: skip
WHO = {
    "/api/v1/uploads": "resident.datong", "/api/v1/filing-rules/{key}/settings":
    "county-approve.longhua", "/api/v1/filing-rules/{key}/settings:withdraw":
    "county-approve.longhua", "/api/v1/filing-rules/{key}/bounds": "prov-so",
    "/api/v1/posts": "sec-admin", "/api/v1/posts/{postId}:revoke": "sec-admin",
    "/api/v1/posts/{postId}:confirm": "sec-admin-2", "/api/v1/post-imports": "sec-admin",
    "/api/v1/post-imports:preview": "sec-admin",
    "/api/v1/post-imports/{importId}:confirm": "sec-admin-2",
    "/api/v1/post-imports/{importId}:decline": "sec-admin",
    "/api/v1/accounts/{account}:disable": "sec-admin",
    "/api/v1/accounts/{account}:enable": "sec-admin-2",
    "/api/v1/my/delegations": "lead.datong", "/api/v1/my/delegations/{postId}:end": "lead.datong",
    "/api/v1/announcements": "clerk.datong", "/api/v1/announcement-drafts": "clerk.datong",
    "/api/v1/announcements/{announcementId}/text": "clerk.datong",
    "/api/v1/announcements/{announcementId}:publish": "lead.datong",
    "/api/v1/announcements/{announcementId}:withdraw": "lead.datong",
    "/api/v1/filing-inbox": "clerk.datong", "/api/v1/filing-inbox:takeOver": "clerk.datong",
}  # fmt: skip
DEPARTMENT = "dept-social-work"
CLERK = (":mark", ":return", ":startNotice", ":handle", ":propose", ":reveal")


@dataclass
class Fuzz:
    """The platform, what was prepared on it, what came back."""

    url: str
    document: dict[str, Any]
    left: Driven
    recorder: Recorder
    fivefold: Fivefold
    issuer: str
    statuses: Counter[int] = field(default_factory=Counter)
    domain: int = 0
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def token(self, name: str) -> str:
        """A token of somebody that will last for the calls of one operation."""
        token, at = self.tokens.get(name, ("", 0.0))
        if not token or time.monotonic() - at > FRESH_SECONDS:
            token = asyncio.run(signed_in(self.issuer, name))
            self.tokens[name] = token, time.monotonic()
        return token


async def signed_in(issuer: str, name: str) -> str:
    """A fresh token of a person, or of the department's client."""
    if name == DEPARTMENT:
        return await client_token(issuer, name, f"demo-only-{name}")
    return (await sign_in(issuer, name, PASSWORD)).access_token


@pytest.fixture(scope="module")
async def fuzz(platform: Platform, authority: Authority) -> AsyncIterator[Fuzz]:
    """Every operation called once as it should be."""
    fivefold = Fivefold()
    async with httpx.AsyncClient(base_url=platform.url, timeout=30, transport=fivefold) as http:
        document = (await http.get("/api/openapi.json")).json()
        recorder = Recorder(operations(document))
        http.event_hooks["response"] = [recorder.note]
        issuer = platform.environment["MINZHENG_ISSUER"]
        department = Person(DEPARTMENT, http, await signed_in(issuer, DEPARTMENT))
        left = await Drive(platform, http).all(department, authority)
        yield Fuzz(platform.url, document, left, recorder, fivefold, issuer)


def test_every_operation_answers_2xx_once(fuzz: Fuzz) -> None:
    done = {key for key, found in fuzz.recorder.seen.items() if any(s < 300 for s in found)}
    assert sorted(set(fuzz.recorder.operations) - done) == [], "no recipe for these"


def test_every_change_has_one_answer_however_often_it_is_sent(fuzz: Fuzz) -> None:
    assert fuzz.fivefold.different == []
    sent = {fuzz.recorder.operation(*one) for one in fuzz.fivefold.sent}
    changes = {one for one in fuzz.recorder.operations if one[0] != "GET"}
    assert sorted(changes - sent) == [("POST", "/api/v1/uploads")]


def who(method: str, path: str) -> str:
    """Somebody who has the function."""
    if path in WHO and (method != "GET" or "rules" not in path):
        return WHO[path]
    if path.startswith("/api/v1/subscriptions") and path.endswith((":approve", ":refuse")):
        return "county-approve.longhua"
    if path.startswith(("/api/v1/events", "/api/v1/organizations/snap", "/api/v1/subscriptions")):
        return DEPARTMENT
    if any(verb in path for verb in CLERK):
        return "clerk.datong"
    if path.endswith(":decide"):
        return "lead.datong"
    if path.endswith(":giveOpinion"):
        return "village.datongli"
    if "/guidance" in path or (method, path) == ("GET", "/api/v1/filings"):
        return "county-clerk.longhua"
    return "resident.tianya" if "/objections" in path else "resident.datong"


def ids(fuzz: Fuzz, path: str) -> dict[str, str]:
    """Path parameters of things that exist, in a state where the operation makes sense."""
    state = next((state for part, state in STATE_OF.items() if part in path), "COMPLETENESS")
    return {
        "filingId": fuzz.left.cases[state],
        "objectionId": fuzz.left.objection,
        "messageId": fuzz.left.message,
        "postId": fuzz.left.post,
        "importId": fuzz.left.imported,
        "fileId": fuzz.left.file,
        "subscriptionId": fuzz.left.subscription,
        "organizationId": fuzz.left.organization,
        "announcementId": fuzz.left.announcement,
        "key": "FIL.DECIDE_WD",
    }


def attack(fuzz: Fuzz, operation: Any, count: int) -> None:
    """Some generated calls of one operation, most of them about things that exist."""
    token = fuzz.token(who(operation.method.upper(), operation.path))
    known = ids(fuzz, operation.path)
    session = requests.Session()

    def strategy(mode: GenerationMode) -> st.SearchStrategy[Any]:
        found: st.SearchStrategy[Any] = operation.as_strategy(generation_mode=mode)
        return found

    good, bad = strategy(GenerationMode.POSITIVE), strategy(GenerationMode.NEGATIVE)

    @settings(
        max_examples=count, deadline=None, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck), derandomize=True,
    )  # fmt: skip
    @given(case=st.one_of(good, good, good, bad), real=st.integers(0, 9))
    def run(case: Any, real: int) -> None:
        if isinstance(case.path_parameters, dict):
            for at, name in enumerate(sorted(set(known) & set(case.path_parameters))):
                if (real + at) % 5:
                    case.path_parameters[name] = known[name]
        headers = {"authorization": f"Bearer {token}"}
        if operation.path.endswith(RENEWAL):
            headers["minzheng-post"] = fuzz.left.owner
        if real and operation.method.upper() != "GET":
            headers["idempotency-key"] = str(uuid7())
        response = case.call(base_url=fuzz.url, session=session, headers=headers)
        note(fuzz, response)
        case.validate_response(response, checks=CHECKS)

    run()


def note(fuzz: Fuzz, response: Any) -> None:
    """Count an answer, and whether domain code gave it."""
    fuzz.statuses[response.status_code] += 1
    body = load(response.text) if response.status_code >= 400 else {}
    code = str((body or {}).get("code", ""))
    reached = response.status_code < 400 or (code and not code.startswith(DOOR))
    fuzz.domain += bool(reached)


def test_generated_calls_never_break_anything(fuzz: Fuzz) -> None:
    schema = schemathesis.openapi.from_dict(fuzz.document)
    found = [result.ok() for result in schema.get_all_operations()]
    failures = []
    for operation in found:
        try:
            attack(fuzz, operation, math.ceil(CASES * SHARE / len(found)))
        except BaseExceptionGroup as group:
            failures += [f"{operation.label}: {str(e)[:900]}" for e in group.exceptions[:2]]
        except Exception as error:
            failures.append(f"{operation.label}: {str(error)[:900]}")
    total = sum(fuzz.statuses.values())
    print(
        f"{total} cases, {fuzz.domain} reached domain code: {dict(sorted(fuzz.statuses.items()))}"
    )
    assert not failures, "\n\n".join(failures)
    assert total >= CASES
    assert fuzz.domain * 2 >= total
