"""One write: open the work, load, ONE domain call, save, reply."""

from collections.abc import Callable
from typing import Any, TypeVar

from joserfc.jwk import KeySet
from protobuf import Message

from kit.access import Subject, require
from kit.acting import expect_version
from kit.call import current
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import PersonalFields
from services.filing.domain.acting import Actor, Moment
from services.filing.domain.case import Case
from services.filing.domain.outcome import Numbered, Outcome
from services.filing.rpc import view
from services.filing.store.desk import Desk
from services.filing.store.read import Reader
from services.filing.store.write import Writer

Answer = TypeVar("Answer", bound=Message)
Rule = Callable[[Case, Actor, Moment], Outcome | Numbered]


def actor() -> Actor:
    """The caller as the rules see them."""
    return current().who.actor


def subject_of(case: Case) -> Subject:
    """The case as the policy table sees it."""
    return Subject(
        owner=case.owner,
        authority_code=case.place.authority_code,
        authority_path=case.place.authority_path,
        community_code=case.place.community_code,
        state=case.state.name,
        organization_id=case.organization_id,
    )


class Work:
    """What every RPC of the service works with."""

    def __init__(
        self, reader: Reader, writer: Writer, desk: Desk, unit: Unit, keys: KeySet
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.desk = desk
        self.unit = unit
        self.keys = keys

    async def change(self, request: Any, answer: type[Answer], rule: Rule) -> Answer:
        """Load the case, apply the rule, save, reply; once a request."""

        async def attempt() -> Answer:
            case, moment, shown = await self.load(request.filing_id)
            expect_version(case.version, request.version)
            return await self.save(rule(case, actor(), moment), moment, request, answer, shown)

        return await self.unit.once(request, answer, attempt)

    async def load(self, filing_id: str, scope: str = "") -> tuple[Case, Moment, PersonalFields]:
        """The case under the caller's scope, or under one that the rule of the RPC gives."""
        call = current()
        case, moment = await self.reader.load(filing_id, scope or call.who.scope)
        return case, moment, require(call.access, call.who, subject_of(case))

    async def save(
        self,
        outcome: Outcome | Numbered,
        moment: Moment,
        request: Any,
        answer: type[Answer],
        shown: PersonalFields,
    ) -> Answer:
        def reply(case: Case) -> Message:
            return answer(filing=view.filing(case, shown, moment))

        return await self.writer.save(outcome, moment, request, reply)  # type: ignore[return-value]
