"""What a story shows afterwards: timeline, messages, feed; made comparable from run to run."""

import asyncio
import re
from collections.abc import Mapping
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


async def feed(department: Person, expected: int) -> list[dict[str, Any]]:
    """The department's events, once as many as expected have come."""
    for _ in range(100):
        events: list[dict[str, Any]] = (await department.get("/api/v1/events"))["events"]
        if len(events) >= expected:
            break
        await asyncio.sleep(0.1)
    return [
        {name: event[name] for name in ("type", "subject", "regioncode", "sequence")}
        | {"name": event["data"]["name"], "authority": event["data"]["authorityCode"]}
        for event in events
    ]


def comparable(value: Any, start: date) -> Any:
    """The report with days as D+n, years and what depends on them left open."""
    if isinstance(value, Mapping):
        return {key: comparable(item, start) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item, start) for item in value]
    return _text(value, start) if isinstance(value, str) else value


def _text(text: str, start: date) -> str:
    def day(match: re.Match[str]) -> str:
        return f"D+{(date.fromisoformat(match[0]) - start).days}"

    text = re.sub(r"SQBA(\d{9})\d{4}(\d{5})\d", r"SQBA\1{year}\2{check}", text)
    text = re.sub(r"SB\d{8}(\d{10})", r"SB{day}\1", text)
    text = re.sub(r"〔\d{4}〕", "〔{year}〕", text)
    return re.sub(r"\d{4}-\d{2}-\d{2}(?!T)", day, text)
