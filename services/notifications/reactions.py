"""Facts of other services become messages: one reaction a fact, all by the same table."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from protobuf import Message

from kit import data
from kit.contracts import facts
from kit.reactions import Event, Reaction
from proto.gen.minzheng.filing.v1.facts_pb import FilingClock
from proto.gen.minzheng.filing.v1.filing_pb import (
    ObjectionGround,
    ObjectionOutcome,
    RefusalGround,
    VillageOpinion,
)
from proto.gen.minzheng.subscriptions.v1.webhooks_pb import StoppedBy
from services.notifications.domain.causes import CAUSES, Text, messages
from services.notifications.store.dispatches import plan
from services.notifications.store.messages import keep

if TYPE_CHECKING:
    from kit.database import Connection

ENUMS = {
    "clock": FilingClock, "outcome": ObjectionOutcome, "opinion": VillageOpinion,
    "stopped_by": StoppedBy,
}  # fmt: skip
"""Fields whose value a condition or a word depends on."""


async def notify(connection: "Connection", fact: Message, event: Event) -> None:
    """Keep the messages a fact causes."""
    await notify_all(connection, [(fact, event)])


async def notify_all(connection: "Connection", told: Sequence[tuple[Message, Event]]) -> None:
    """Keep the messages of several facts with one exchange, and plan what of them goes outward."""
    kept = await keep(connection, [(event.event_id, _messages(fact)) for fact, event in told])
    await plan(connection, [one for one in kept if one[1].to.account])


def _messages(fact: Message) -> Sequence[Text]:
    return messages(fact.desc().type_name.rpartition(".")[2], values(fact))


def reactions() -> Sequence[Reaction]:
    """A reaction for every fact that causes messages."""
    known = {name.rpartition(".")[2]: fact for name, fact in facts().items()}
    return [Reaction(known[name], notify, notify_all) for name in CAUSES]


def values(fact: Message) -> dict[str, str]:
    """Fields of a fact as text; grounds of a refusal in the words of the dictionary."""
    return {
        field.local_name: _text(field.local_name, getattr(fact, field.local_name))
        for field in fact.desc().fields
    }


def _text(name: str, value: Any) -> str:
    if name == "grounds":
        return "、".join(_grounds()[RefusalGround(ground).name] for ground in value)
    if name == "ground":
        return _grounds().get(ObjectionGround(value).name, "")
    if name in ENUMS:
        return str(ENUMS[name](value).name)
    if isinstance(value, bool):
        return "true" if value else ""
    return "、".join(value) if isinstance(value, list) else str(value)


@cache
def _grounds() -> Mapping[str, str]:
    found: dict[str, str] = json.loads(data.text("dictionaries.json"))["FILING_REFUSAL"]
    return found
