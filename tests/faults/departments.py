"""Departments that read in three ways: by webhook, by the feed, from the public topic of the log.

Each keeps what it holds of every organization and must bear an event twice; all must come to hold
the same.
"""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.subscriptions.publishing import HISTORY
from kit.embedded.sign_in import client_token
from kit.log.port import LogError
from kit.log.postgres import PostgresLog
from kit.log.session import UNREACHABLE
from kit.settings import Settings
from tests.platform import Platform
from tests.sink import Received, Reply

COUNTY = "460106"
GROUP = "dept.social-work.copy"


@dataclass
class Copy:
    """What a department holds: the last state of every organization."""

    states: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    again: int = 0
    breaks: int = 0
    """Events that came first after a later one of their organization, or with a hole before them."""

    def take(self, event_id: str, state: Mapping[str, Any]) -> None:
        """Take an event in, once."""
        if event_id in self.seen:
            self.again += 1
            return
        self.seen.add(event_id)
        organization, number = state["organizationId"], int(state["sequence"])
        held = self.states.get(organization)
        self.breaks += number != (int(held["sequence"]) if held else 0) + 1
        self.states[organization] = dict(state)


@dataclass
class ByWebhook(Copy):
    """Told by signed posts (the signature is the receiver kit's matter)."""

    async def behave(self, request: Received) -> Reply:
        """Take the event in, then answer."""
        event = json.loads(request.body)
        if not event["type"].endswith(".test"):
            self.take(event["id"], event["data"])
        return Reply()


@dataclass
class ByFeed(Copy):
    """Asks for what came after its cursor; now and then it has lost its cursor and asks again."""

    async def follow(
        self,
        platform: Platform,
        http: httpx.AsyncClient,
        chance: random.Random,
        stop: asyncio.Event,
    ) -> None:
        """Read until `stop` and nothing is left; a door that is shut is tried again."""
        issuer, cursors, token, rounds = platform.environment["MINZHENG_ISSUER"], [""], "", 0
        while True:
            ending = stop.is_set()
            if rounds % 400 == 0:
                token = await client_token(issuer, "dept-social-work", "demo-only-dept-social-work")
            rounds += 1
            try:
                page = await self._page(http, token, cursors[-1])
            except (httpx.TransportError, httpx.HTTPStatusError):
                await asyncio.sleep(0.2)
                continue
            for event in page["events"]:
                self.take(event["id"], event["data"])
            cursors.append(page["cursor"])
            if ending and not page["events"]:
                return
            if not ending:
                if chance.random() < 0.02:
                    cursors.append(chance.choice(cursors[-20:]))
                await asyncio.sleep(0.25)

    async def _page(self, http: httpx.AsyncClient, token: str, after: str) -> Any:
        answer = await http.get(
            "/api/v1/events",
            params={"after": after, "size": "200"} if after else {"size": "200"},
            headers={"authorization": f"Bearer {token}"},
        )
        answer.raise_for_status()
        return answer.json()


@dataclass
class FromTheLog(Copy):
    """A member of a group on the public topic; it dies between effect and offset now and then."""

    deaths: int = 0

    async def follow(
        self, platform: Platform, chance: random.Random, stop: asyncio.Event, settled: int = 8
    ) -> None:
        """Read until `stop` and nothing came for so many looks."""
        log, quiet = await PostgresLog.open(settings_of(platform)), 0
        consumer = log.consumer(GROUP, [HISTORY])
        while not (stop.is_set() and quiet >= settled):
            try:
                deliveries = await consumer.poll(0.25)
                for one in deliveries:
                    event_id = dict(one.record.headers)["ce_id"].decode()
                    self.take(event_id, json.loads(one.record.value))
                if deliveries and chance.random() < 0.1:
                    self.deaths += 1
                    raise LogError("died before the offset")
                await consumer.commit(deliveries)
                quiet = 0 if deliveries else quiet + 1
            except (LogError, *UNREACHABLE):
                await consumer.close()
                consumer = log.consumer(GROUP, [HISTORY])
        await consumer.close()
        await log.close()


@dataclass
class Copies:
    """The same department by every way."""

    hook: ByWebhook = field(default_factory=ByWebhook)
    feed: ByFeed = field(default_factory=ByFeed)
    log: FromTheLog = field(default_factory=FromTheLog)

    def expect_same(self, numbers: Iterable[str]) -> Counter[str]:
        """All hold every filing number and the same states; answers what came again, by way.

        The address is told of one county, the feed and the log of all.
        """
        found = sorted(state["filingNo"] for state in self.feed.states.values())
        assert found == sorted(numbers), "the department misses organizations"
        sequences = {int(state["sequence"]) for state in self.feed.states.values()}
        assert sequences <= {1}, "an organization was filed twice"
        assert self.log.states == self.feed.states, "feed and log left different states"
        assert self.hook.states == of_county(self.feed.states), "webhook and feed differ"
        assert (self.hook.breaks, self.feed.breaks, self.log.breaks) == (0, 0, 0), "order"
        return Counter(webhook=self.hook.again, feed=self.feed.again, log=self.log.again)


def of_county(states: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the county the subscription is for."""
    return {one: held for one, held in states.items() if held["communityCode"].startswith(COUNTY)}


def settings_of(platform: Platform) -> Settings:
    """A platform's settings for code of ours in this process."""
    chosen = platform.environment.items()
    return Settings(**{name.removeprefix("MINZHENG_").lower(): text for name, text in chosen})  # type: ignore[arg-type]
