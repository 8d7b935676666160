"""What a story shows afterwards: timeline, messages, feed; made comparable from run to run."""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.demo.client import Person
from gateway.demo.stories import Told
from kit.codes import filing_problem

KEPT = ("state", "authority", "community", "villageOpinion", "decision", "sizeClass", "memberMix")


async def collect(told: Told, resident: Person, clerk: Person) -> dict[str, Any]:
    """Everything the story's people can see of it."""
    filing = (await resident.get(f"/api/v1/filings/{told.filing_id}"))["filing"]
    history = await clerk.get(f"/api/v1/filings/{told.filing_id}/history")
    masked = (await clerk.get(f"/api/v1/filings/{told.filing_id}"))["filing"]
    return {
        "title": told.title,
        "case": {name: _place(filing[name]) for name in KEPT},
        "numbers": {
            "application": filing["applicationNo"],
            "filing": filing["filingNo"],
            "filing number valid": filing_problem(filing["filingNo"]) is None,
            "printed": filing["printedNo"],
        },
        "deadlines": {k: v for k, v in filing["deadlines"].items() if k != "provisional"},
        "clerk sees": masked["form"]["principals"],
        "timeline": [_step(entry) for entry in history["entries"]],
        "messages": await _messages(resident, clerk, told),
        **told.seen,
    }


def _place(value: Any) -> Any:
    return f"{value['code']} {value['fullName']}" if isinstance(value, Mapping) else value


def _step(entry: Mapping[str, Any]) -> str:
    to = entry["toState"].removeprefix("FILING_STATE_")
    return f"{entry['on']} {entry['title']} → {to} ({entry['actorRole'].removeprefix('ROLE_')})"


async def _messages(resident: Person, clerk: Person, told: Told) -> dict[str, list[str]]:
    """Subjects of the messages about the case; waits for the last one to arrive."""
    for _ in range(100):
        found = await _subjects(resident, told)
        if any("准予" in subject for subject in found):
            break
        await asyncio.sleep(0.1)
    return {"applicant": found, "clerk": await _subjects(clerk, told)}


async def _subjects(person: Person, told: Told) -> list[str]:
    page = await person.get("/api/v1/messages", **{"page.size": "100"})
    about = [m for m in page["messages"] if told.filing_id in m["about"]]
    return [message["subject"] for message in reversed(about)]


async def published(department: Person) -> tuple[str, Counter[str]]:
    """Where the department's feed ends now, and how many numbers each authority and year has."""
    drawn: Counter[str] = Counter()
    page = await department.get("/api/v1/organizations/snapshot")
    began = str(page["cursor"])
    while True:
        drawn.update(series(state["filingNo"]) for state in page["organizations"])
        token = page["nextPageToken"]
        if not token:
            return began, drawn
        page = await department.get("/api/v1/organizations/snapshot", pageToken=token)


def series(filing_no: str) -> str:
    """Authority and year of a filing number: what its serial counts in."""
    return filing_no[4:17]


async def feed(department: Person, after: str, expected: int) -> list[dict[str, Any]]:
    """The department's events after a cursor, once as many as expected have come."""
    for _ in range(100):
        found = await department.get("/api/v1/events", after=after)
        events: list[dict[str, Any]] = found["events"]
        if len(events) >= expected:
            break
        await asyncio.sleep(0.1)
    return [
        {name: event[name] for name in ("type", "subject", "regioncode", "sequence")}
        | {"name": event["data"]["name"], "authority": event["data"]["authorityCode"]}
        for event in events
    ]


@dataclass(frozen=True)
class Since:
    """What a report is compared from: the first day, the numbers drawn before the play."""

    start: date
    drawn: Counter[str]
    printed: int = 0
    """Numbers the story's authority had printed before."""


def comparable(value: Any, since: Since) -> Any:
    """The report with days as D+n, serials from 1, years and what depends on them left open."""
    if isinstance(value, Mapping):
        return {key: comparable(item, since) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item, since) for item in value]
    return _text(value, since) if isinstance(value, str) else value


def _text(text: str, since: Since) -> str:
    def day(match: re.Match[str]) -> str:
        return f"D+{(date.fromisoformat(match[0]) - since.start).days}"

    def number(match: re.Match[str]) -> str:
        serial = int(match[2]) - since.drawn[series(match[0])]
        return f"SQBA{match[1]}{{year}}{serial:05}{{check}}"

    def printed(match: re.Match[str]) -> str:
        return f"〔{{year}}〕{int(match[1]) - since.printed}号"

    text = re.sub(r"SQBA(\d{9})\d{4}(\d{5})\d", number, text)
    text = re.sub(r"SB\d{8}(\d{10})", r"SB{day}\1", text)
    text = re.sub(r"〔\d{4}〕(\d+)号", printed, text)
    return re.sub(r"\d{4}-\d{2}-\d{2}(?!T)", day, text)
