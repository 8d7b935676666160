"""The unit of work: one statement that writes state, audit, idempotency and outbox together.

A transition is one prepared read, the rule, one write guarded by `version`. A duplicate request
waits on the unique key and gets the same answer; what is refused leaves only its audit row.
"""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from opentelemetry import trace
from protobuf import Message

from kit.audit import COLUMNS, Seals, signed
from kit.call import Call, current
from kit.crash import during
from kit.database import Database
from kit.errors import Kind, Refusal, conflict
from kit.outbox import Doorbell, outbox_row
from kit.rotation import REQUESTS
from kit.secrets import Keyring
from kit.sql import bind
from kit.telemetry import span, traceparent

if TYPE_CHECKING:
    from kit.database import Connection

Answer = TypeVar("Answer", bound=Message)
ATTEMPTS = 3


class Stale(Exception):
    """The row changed between the read and the write."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit row says beyond the caller."""

    object_id: str
    region_path: str
    at: datetime
    business_on: date | None
    from_state: str = ""
    to_state: str = ""
    reason: str = ""
    rule_version: str = ""
    decision_id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Change:
    """One business change as SQL.

    `state` changes the aggregate's row, is guarded by version and scope and returns it; the parts
    in `also` and the audit, idempotency and outbox rows read FROM state, so all happen or none.
    """

    state: str
    values: Mapping[str, object]
    audit: Audit
    also: tuple[str, ...] = ()
    fact: Message | None = None


AUDIT = f"""INSERT INTO kit.audit ({", ".join(COLUMNS)}, mac)
 SELECT {", ".join(f":audit_{name}" for name in COLUMNS)}, :audit_mac"""
REQUEST = """INSERT INTO kit.request (subject, method, key, digest, response)
 SELECT :audit_subject, :request_method, :request_key, :request_digest, :request_response FROM state"""
OUTBOX = """INSERT INTO kit.outbox (event_id, aggregatetype, aggregateid, aggregate_version,
 partition_key, type, schema_version, payload, headers)
 SELECT :fact_event, :fact_kind, :fact_id, :fact_version, :fact_key, :fact_type, :fact_schema,
 :fact_payload, :fact_headers::jsonb FROM state"""
RECALL = "SELECT digest, response FROM kit.request WHERE subject = $1 AND method = $2 AND key = $3"
OUTBOX_NAMES = (
    "fact_event", "fact_kind", "fact_id", "fact_version", "fact_key",
    "fact_type", "fact_schema", "fact_payload", "fact_headers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """Writes the changes of one workload."""

    database: Database
    doorbell: Doorbell
    keyring: Keyring
    seals: Seals = field(default_factory=Seals)

    async def once(
        self, request: Message, answer: type[Answer], attempt: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """Run `attempt` so that the same request has one effect and one answer.

        A stale row is read anew up to three times. Raises Refusal: what the rule says; 422 for a
        key that was used with another body; 409 for a duplicate still running after 2 s.
        """
        try:
            for _ in range(ATTEMPTS):
                try:
                    return await attempt()
                except Stale:
                    continue
            raise conflict("common.busy", "该事项正在被其他人办理，请稍后重试。")
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name != "request_pkey":
                raise
            return await self._recall(request, answer) or _raise(error)
        except asyncpg.LockNotAvailableError as error:
            raise conflict("common.in_flight", "同一请求正在处理，请稍后查询结果。") from error
        except Refusal as refusal:
            stored = await self._recall(request, answer)
            if stored is None:
                await self.refused(refusal, key_text(request))
                raise
            return stored

    async def write(
        self,
        change: Change,
        request: Message | None = None,
        response: Message | None = None,
        connection: "Connection | None" = None,
    ) -> None:
        """Write a change; on `connection` inside its transaction, else as one statement.

        Raises Stale when the row is not there in that version and scope any more; Refusal while
        the audit trail cannot be sealed.
        """
        self.seals.expect_sealing()
        with span("write", trace.SpanKind.CLIENT):
            # Inside the span, so that the fact carries it on.
            text, arguments = self.render(change, current(), request, response)
            running = (connection or self.database.pool).fetchrow(text, *arguments)
            done = await during(self.database.workload, "during_write", running)
        if done is None:
            raise Stale
        if connection is None and change.fact is not None:
            self.doorbell.ring()

    async def write_many(self, changes: Sequence[Change], connection: "Connection") -> None:
        """Write changes of one shape in their order by one exchange, inside a transaction.

        A change whose row is not there in that version has no effect and is not told: the caller
        counts what has changed before it commits.
        """
        with span("write many", trace.SpanKind.CLIENT):
            rendered = [self.render(change, current(), None, None) for change in changes]
            (text,) = {text for text, _ in rendered}
            await connection.executemany(text, [arguments for _, arguments in rendered])

    async def refused(self, refusal: Refusal, key: str) -> None:
        """The one trace a refused request leaves; `key` is the caller's."""
        audit = Audit(key, "", datetime.now(UTC), None, reason=refusal.code)
        text, arguments = bind(AUDIT, self._audit(audit, current(), "refused"))
        await self.database.pool.execute(text, *arguments)

    async def _recall(self, request: Message, answer: type[Answer]) -> Answer | None:
        call = current()
        row = await self.database.pool.fetchrow(
            RECALL, call.who.subject, call.method, key_of(request)
        )
        if row is None:
            return None
        if not self.keyring.is_digest(request.to_binary(), bytes(row["digest"])):
            raise Refusal(Kind.INVALID, "common.key_reused", "同一请求编号已用于内容不同的请求。")
        return answer.from_binary(self.keyring.unseal(bytes(row["response"]), _place(request)))

    def render(
        self, change: Change, call: Call, request: Message | None, response: Message | None
    ) -> tuple[str, list[object]]:
        """The one statement of a change and its arguments."""
        parts = [change.state, *change.also, AUDIT + " FROM state"]
        values: dict[str, object] = {"scope": call.who.scope, **change.values}
        values |= self._audit(change.audit, call, "done")
        if request is not None and response is not None:
            parts.append(REQUEST)
            values |= {"request_method": call.method, **self._kept(request, response)}
        if change.fact is not None:
            parts.append(OUTBOX)
            headers = {"decision_id": str(change.audit.decision_id), **traceparent()}
            values |= dict(zip(OUTBOX_NAMES, outbox_row(change.fact, headers), strict=True))
        named = ", ".join(f"p{n} AS ({part})" for n, part in enumerate(parts[1:]))
        return bind(f"WITH state AS ({parts[0]}), {named} SELECT 1 FROM state", values)

    def _audit(self, audit: Audit, call: Call, outcome: str) -> dict[str, object]:
        """Values of the audit row with its MAC: made before the statement, no round trip more."""
        row = {
            "service": self.database.workload,
            "at": audit.at,
            "business_on": audit.business_on,
            "subject": call.who.subject,
            "role": call.who.role.name,
            "post_id": call.who.post_id,
            "action": call.access.action,
            "object_id": audit.object_id,
            "region_path": audit.region_path,
            "outcome": outcome,
            "reason": audit.reason,
            "from_state": audit.from_state,
            "to_state": audit.to_state,
            "rule_version": audit.rule_version,
            "decision_id": audit.decision_id,
            "traceparent": traceparent().get("traceparent", ""),
        }
        made = signed(row, self.keyring.audit_id, self.keyring.mac)
        return {f"audit_{name}": value for name, value in made.items()}

    def _kept(self, request: Message, response: Message) -> dict[str, object]:
        # Request and answer may hold personal data: a keyed digest of one, the other encrypted.
        return {
            "request_key": key_of(request),
            "request_digest": self.keyring.digest(request.to_binary()),
            "request_response": self.keyring.seal(response.to_binary(), _place(request)),
        }


def _raise(error: BaseException) -> Any:
    raise error


def _place(request: Message) -> str:
    return REQUESTS.place("response", key_of(request))


def key_text(request: Message) -> str:
    """The caller-made key: `request_id`, or the id of the thing a create makes (its first field)."""
    names = [f.local_name for f in type(request).desc().fields]
    return str(getattr(request, "request_id" if "request_id" in names else names[0]))


def key_of(request: Message) -> uuid.UUID:
    """The key as a UUID."""
    return uuid.UUID(key_text(request))
