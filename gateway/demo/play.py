"""Play the stories against a running platform, print what was seen, compare with expectations."""

import asyncio
import difflib
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.markup import escape

from gateway.demo.beside import Beside, beside
from gateway.demo.client import People
from gateway.demo.report import Since, collect, comparable, feed, published, series
from gateway.demo.stories import STORIES, Stage
from kit.calendar import WorkingCalendar
from kit.settings import settings

DEPARTMENT = "dept-social-work"
LISTENERS = 3
"""Workloads that react to a filing: notifications, supervision, gateway."""
RESIDENTS = {"1": ("resident.datong", "clerk.datong"), "9": ("resident.tianya", "clerk.tianya"), "10": ("resident.yangpu", "clerk.yangpu")}  # fmt: skip


def quiet_monday(today: date) -> date:
    """The next Monday whose two weeks are plain, so that every day of a story is a working day."""
    calendar = WorkingCalendar()
    day = today + timedelta(days=7 - today.weekday())
    while not all(calendar.is_working(day + timedelta(days=n)) is (n % 7 < 5) for n in range(21)):
        day += timedelta(days=7)
    return day


async def play(expectations: Path, record: bool, beside: Beside, traces: bool = True) -> int:
    """Play all stories; 0 when every one is as expected, 1 otherwise. Spans may be elsewhere."""
    console = Console(width=110, soft_wrap=True)
    async with httpx.AsyncClient(base_url=settings().public_url, timeout=20) as http:
        people, seen = People(http), {}
        began, drawn = await published(await people.department(DEPARTMENT))
        for number, story in STORIES.items():
            start = await _next_monday(people, beside)
            stage = Stage(
                people, _mover(people, beside), lambda text: console.print(f"  · {escape(text)}")
            )
            console.rule(f"[bold]{number}")
            told = await story(stage)
            resident, clerk = [await people.person(name) for name in RESIDENTS[number]]
            report = await collect(told, resident, clerk)
            _show(console, report)
            if traces:
                report["trace"] = await _trace(console, told.trace, beside)
            printed = drawn[series(report["numbers"]["filing"])]
            seen[number] = comparable(report, Since(start, drawn, printed))
        events = await feed(await people.department(DEPARTMENT), began, len(STORIES))
        console.rule("[bold]部门拉取的组织变动")
        console.print_json(json.dumps(events, ensure_ascii=False))
        seen["feed"] = comparable(events, Since(date.min, drawn))
    return _compare(console, seen, expectations, record, traces)


def _mover(people: People, beside: Beside) -> Any:
    async def move(days: int) -> None:
        await beside.advance(days)
        people.forget()

    return move


async def _next_monday(people: People, beside: Beside) -> date:
    today = await beside.today()
    start = quiet_monday(today)
    await beside.advance((start - today).days)
    people.forget()
    return start


def _show(console: Console, report: dict[str, Any]) -> None:
    console.print(f"[bold]{escape(report['title'])}")
    for line in report["timeline"]:
        console.print(f"    {escape(line)}")
    for who, subjects in report["messages"].items():
        console.print(f"  消息（{who}）：" + escape(" / ".join(subjects)))


async def _trace(console: Console, trace_id: str, beside: Beside) -> list[str]:
    """The decision's trace once its last part has arrived; its spans without durations."""
    lines: list[str] = []
    for _ in range(40):
        before, lines = lines, beside.trace(trace_id)
        processed = sum("process minzheng.filing.v1" in line for line in lines)
        # Every process writes its spans a moment later: two equal looks mean that all have.
        if processed >= LISTENERS and len(lines) == len(before):
            break
        await asyncio.sleep(0.5)
    console.print(f"  轨迹 {trace_id}")
    for line in lines:
        console.print(f"    {escape(line)}")
    # Facts that come together are taken in together, outside of their traces: that is chance.
    steady = (line.strip() for line in lines if "take fact" not in line)
    return sorted({line.rpartition("] ")[0] + "]" for line in steady})


def _compare(
    console: Console, seen: dict[str, Any], folder: Path, record: bool, traces: bool
) -> int:
    failed = 0
    for name, value in seen.items():
        file = folder / (f"story_{name}.json" if name != "feed" else "feed.json")
        got = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
        if record:
            file.write_text(got, encoding="utf-8")
        expected = _expected(file, traces) if file.exists() else ""
        difference = list(
            difflib.unified_diff(
                expected.splitlines(), got.splitlines(), str(file), "seen", lineterm=""
            )
        )
        failed += bool(difference)
        for line in difference:
            console.print(escape(line))
        console.print(f"{'[red]不符' if difference else '[green]符合'}[/] {file.name}")
    return 1 if failed else 0


def _expected(file: Path, traces: bool) -> str:
    kept = json.loads(file.read_text(encoding="utf-8"))
    if isinstance(kept, dict) and not traces:
        kept.pop("trace", None)
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def main(expectations: Path, record: bool = False, through: str = "", traces: bool = True) -> int:
    """Play; the exit code of the command."""
    return asyncio.run(play(expectations, record, beside(through), traces))
