"""The RPCs of rules: what is in force where, and who sets it."""

from datetime import date
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from kit.access import Subject, require
from kit.call import current
from kit.errors import Violation, conflict, invalid, not_found
from kit.paging import decode, encode
from kit.regions import Node, hainan
from kit.rules import Bound, Resolved, RuleBook, Setting
from kit.rules.values import text_of
from kit.unit import Unit
from proto.gen.minzheng.common.v1.paging_pb import PageRequest, PageResponse
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from proto.gen.minzheng.filing.v1.rules_pb_grpc import RuleServiceService
from services.filing.domain import rules
from services.filing.rpc.view import name_of, region, text
from services.filing.store.read import KEYS, Reader
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
        on = _day("on", request.on) or moment.today
        node, book = place(request.region_code), await self.store.books.now()
        wanted = name_of(request.lowered_class)
        found = [book.resolve(key, node.path, on, wanted) for key in sorted(KEYS)]
        answer = [rule(one, book.definition(one.key)) for one in found]
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
            settings=[setting(Setting(**_plain(row))) for row in rows[:size]],
            page=PageResponse(next_token=token),
        )

    async def set_rule(
        self, request: pb.SetRuleRequest, context: ServicerContext
    ) -> pb.SetRuleResponse:
        """A value set."""

        async def attempt() -> pb.SetRuleResponse:
            node = reached(request.region_code)
            moment, (book, seen) = await self.reader.moment(), await self._read()
            document, basis = _basis(request.basis)
            made = Setting(
                request.key, node.path, request.value, _must("effective_from", request),
                basis, name_of(request.lowered_class),
            )  # fmt: skip
            rules.settable(book, made, current().who.role.name, node, moment.today)
            rules.expect_within(book, made, await self.store.bounds(request.key))
            answer = pb.SetRuleResponse(setting=setting(made))
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
            document, basis = _basis(request.basis)
            made = Bound(
                request.key, node.path, request.lowest, request.highest,
                _must("effective_from", request), basis,
            )  # fmt: skip
            rules.boundable(book, made, current().who.role.name, moment.today)
            answer = pb.SetRuleBoundResponse(bound=bound(made))
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
            begins, wanted = _must("effective_from", request), name_of(request.lowered_class)
            found = [
                one
                for one in book.settings(request.key)
                if (one.region_path, one.lowered_class, one.effective_from)
                == (node.path, wanted, begins)
            ]
            if not found:
                raise not_found()
            if begins <= moment.today:
                raise conflict("rule.in_force", "该项规则已经施行,不能撤回;请另行设定新的值。")
            answer = pb.WithdrawRuleResponse(setting=setting(found[0]))
            await self.store.withdraw(found[0], moment, request, answer, seen)
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


def _day(field: str, value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        sentence = "没有这一天,请按“年-月-日”填写。"
        raise invalid("common.day", sentence, Violation(field, "day", sentence)) from error


def _must(field: str, request: Any) -> date:
    day = _day(field, getattr(request, field))
    assert day is not None, "the contract asks for it"
    return day


def _basis(basis: pb.Basis | None) -> tuple[dict[str, str], str]:
    assert basis is not None, "the contract asks for it"
    _day("basis.issued_on", basis.issued_on)
    document = {
        "title": basis.title, "document_no": basis.document_no, "issuer": basis.issuer,
        "issued_on": basis.issued_on,
    }  # fmt: skip
    return document, f"{basis.issuer}《{basis.title}》({basis.document_no})"


def _plain(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in Setting.__dataclass_fields__}


def _class(name: str) -> pb.LoweredClass:
    return pb.LoweredClass[name or "UNSPECIFIED"]


def _at(path: str) -> Any:
    return region(path.rstrip("/").rpartition("/")[2])


def rule(found: Resolved, definition: Any) -> pb.Rule:
    """A rule in force."""
    return pb.Rule(
        key=found.key,
        meaning=definition.meaning,
        type=found.type,
        value=text_of(found.value),
        unit=definition.unit,
        basis=found.basis,
        region=_at(found.region_path),
        effective_from=text(found.effective_from),
        lowered_class=_class(found.lowered_class),
    )


def setting(found: Setting) -> pb.RuleSetting:
    """A setting."""
    return pb.RuleSetting(
        key=found.key,
        region=_at(found.region_path),
        lowered_class=_class(found.lowered_class),
        value=found.value,
        effective_from=found.effective_from.isoformat(),
        basis=found.basis,
    )


def bound(found: Bound) -> pb.RuleBound:
    """A bound."""
    return pb.RuleBound(
        key=found.key,
        region=_at(found.region_path),
        lowest=found.lowest,
        highest=found.highest,
        effective_from=found.effective_from.isoformat(),
        basis=found.basis,
    )
