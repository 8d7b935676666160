"""The RPCs of rules: what is in force where, and who sets it."""

from datetime import date
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from kit.access import Subject, require
from kit.calendar import day_of
from kit.call import current
from kit.errors import not_found
from kit.paging import decode, encode
from kit.regions import Node, hainan
from kit.rules import Bound, RuleBook, Setting, binding
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from proto.gen.minzheng.filing.v1.rules_pb_grpc import RuleServiceService
from services.filing.domain import rules
from services.filing.rpc import rule_view as view
from services.filing.rpc.view import name_of
from services.filing.store.read import Reader
from services.filing.store.rules import Rules

SIZE = 20


class RuleRpc(RuleServiceService):
    """The servicer."""

    def __init__(self, reader: Reader, store: Rules, unit: Unit) -> None:
        self.reader = reader
        self.store = store
        self.unit = unit

    async def _read(self) -> tuple[RuleBook, int]:
        """The book a change is decided on, and its version."""
        return await self.store.books.now(), self.store.books.version

    async def list_rules(
        self, request: pb.ListRulesRequest, context: ServicerContext
    ) -> pb.ListRulesResponse:
        """The values in force, each with its source."""
        moment = await self.reader.moment()
        on = day_of("on", request.on) or moment.today
        node, book = place(request.region_code), await self.store.books.now()
        wanted = name_of(request.lowered_class)
        answer = [
            view.rule(
                book.resolve(key, node.path, on, wanted),
                book.definition(key),
                binding(book.bounds(key), node.path, on),
            )
            for key in sorted(book.keys)
            if rules.own(key)
        ]
        return pb.ListRulesResponse(rules=answer)

    async def list_rule_settings(
        self, request: pb.ListRuleSettingsRequest, context: ServicerContext
    ) -> pb.ListRuleSettingsResponse:
        """What was ever set for a key."""
        asked = request.page or PageRequest()
        size = asked.size or SIZE
        path = place(request.region_code).path if request.region_code else ""
        (await self.store.books.now()).definition(request.key)
        after = (decode(asked.token, date.fromisoformat, UUID),) if asked.token else ()
        rows = await self.store.listed(request.key, path, size, *after)
        last = rows[size - 1] if len(rows) > size else None
        token = encode(last["effective_from"].isoformat(), str(last["setting_id"])) if last else ""
        return pb.ListRuleSettingsResponse(
            settings=[view.setting(Setting(**_plain(row))) for row in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def set_rule(
        self, request: pb.SetRuleRequest, context: ServicerContext
    ) -> pb.SetRuleResponse:
        """A value set."""

        async def attempt() -> pb.SetRuleResponse:
            node = reached(request.region_code)
            moment, (book, seen) = await self.reader.moment(), await self._read()
            document, basis = _basis(request.basis, moment.today)
            made = Setting(
                request.key, node.path, request.value, _must("effective_from", request),
                basis, name_of(request.lowered_class),
            )  # fmt: skip
            rules.settable(book, made, current().who.role.name, moment.today)
            answer = pb.SetRuleResponse(setting=view.setting(made))
            key = UUID(request.request_id)
            await self.store.set(made, document, key, moment, request, answer, seen)
            return answer

        return await self.unit.once(request, pb.SetRuleResponse, attempt)

    async def set_rule_bound(
        self, request: pb.SetRuleBoundRequest, context: ServicerContext
    ) -> pb.SetRuleBoundResponse:
        """A bound set."""

        async def attempt() -> pb.SetRuleBoundResponse:
            node = reached(request.region_code)
            moment, (book, seen) = await self.reader.moment(), await self._read()
            document, basis = _basis(request.basis, moment.today)
            made = Bound(
                request.key, node.path, request.lowest, request.highest,
                _must("effective_from", request), basis, tuple(request.choices),
            )  # fmt: skip
            rules.boundable(book, made, current().who.role.name, node, moment.today)
            answer = pb.SetRuleBoundResponse(bound=view.bound(made))
            await self.store.set_bound(made, document, moment, request, answer, seen)
            return answer

        return await self.unit.once(request, pb.SetRuleBoundResponse, attempt)

    async def withdraw_rule(
        self, request: pb.WithdrawRuleRequest, context: ServicerContext
    ) -> pb.WithdrawRuleResponse:
        """A setting that has not begun taken back; what holds already stays on record."""

        async def attempt() -> pb.WithdrawRuleResponse:
            node = reached(request.region_code)
            moment, (book, seen) = await self.reader.moment(), await self._read()
            about = (node.path, name_of(request.lowered_class), _must("effective_from", request))
            found = next(
                (
                    one
                    for one in book.settings(request.key)
                    if (one.region_path, one.lowered_class, one.effective_from) == about
                ),
                None,
            )
            if found is None:
                raise not_found()
            rules.withdrawable(book, found, moment.today)
            answer = pb.WithdrawRuleResponse(setting=view.setting(found))
            await self.store.withdraw(found, moment, request, answer, seen)
            return answer

        return await self.unit.once(request, pb.WithdrawRuleResponse, attempt)


def place(code: str) -> Node:
    """A real place; Refusal NOT_FOUND otherwise."""
    node = hainan().find(code)
    if node is None or node.placeholder:
        raise not_found()
    return node


def reached(code: str) -> Node:
    """A place at or below the caller's own."""
    node, call = place(code), current()
    require(call.access, call.who, Subject("", node.code, node.path, "", ""))
    return node


def _must(field: str, request: Any) -> date:
    day = day_of(field, getattr(request, field))
    assert day is not None, "the contract asks for it"
    return day


def _basis(basis: pb.Basis | None, today: date) -> tuple[dict[str, str], str]:
    assert basis is not None, "the contract asks for it"
    issued_on = day_of("basis.issued_on", basis.issued_on)
    assert issued_on is not None, "the contract asks for it"
    quoted = rules.basis_of(basis.title, basis.document_no, basis.issuer, issued_on, today)
    document = {
        "title": basis.title, "document_no": basis.document_no, "issuer": basis.issuer,
        "issued_on": basis.issued_on,
    }  # fmt: skip
    return document, quoted


def _plain(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in Setting.__dataclass_fields__}
