"""The contracts as the processes see them: every RPC with its access rule, REST routes and comments.

Read from the generated packages and `contracts.binpb`. An RPC without access rule, route (or an
explicit `internal`) or comment is refused at start.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from protobuf import DescFile, DescMethod, DescService, Message
from protobuf.wkt.google.protobuf.descriptor_pb import FileDescriptorSet

import proto.gen.minzheng as contracts
from proto.gen.google.api.annotations_pb import ext_http
from proto.gen.google.api.http_pb import HttpRule
from proto.gen.minzheng.common.v1.access_pb import Access, ext_access, ext_fact, ext_served_by

EVERY = "*"
"""`served_by` of what every workload serves; the request's `workload` says which is asked."""
IMAGE = Path(next(iter(contracts.__path__))).parent / "contracts.binpb"


@dataclass(frozen=True, slots=True)
class Rpc:
    """One method of a contract."""

    package: str
    service: str
    name: str
    workload: str
    """Process that serves it: the package's name, or the `served_by` option; `*` is every one."""
    request: type[Message]
    response: type[Message]
    access: Access
    routes: tuple[HttpRule, ...]
    summary: str
    description: str

    @property
    def path(self) -> str:
        """Path of the gRPC call."""
        return f"/{self.package}.{self.service}/{self.name}"

    @property
    def changes(self) -> bool:
        """It changes something: one of its routes is no GET."""
        return any(route.pattern and route.pattern.field != "get" for route in self.routes)

    @property
    def id(self) -> str:
        """Full name of the method."""
        return f"{self.package}.{self.service}.{self.name}"


class ContractError(Exception):
    """A contract breaks the house rules; the process does not start."""


def message_class(descriptor: object) -> type[Message]:
    """The generated class of a message descriptor."""
    return descriptor.type  # type: ignore[attr-defined,no-any-return]


def enum_of(field: Any) -> Any:
    """Enum descriptor of a message field, single or repeated; None for any other field."""
    if hasattr(field.value, "element"):
        return field.value.element if hasattr(field.value.element, "values") else None
    return getattr(field.value, "enum", None)


def modules() -> Iterator[ModuleType]:
    """Every generated message module of our contracts."""
    for found in pkgutil.walk_packages(contracts.__path__, contracts.__name__ + "."):
        if found.name.endswith("_pb"):
            yield importlib.import_module(found.name)


def files() -> Iterator[DescFile]:
    """Descriptors of our contract files."""
    for module in modules():
        yield module.desc()


@cache
def comments() -> dict[str, str]:
    """Comment of every RPC, message, field, enum and value, by full name."""
    found: dict[str, str] = {}
    for file in FileDescriptorSet.from_binary(IMAGE.read_bytes()).file:
        if file.package.startswith("minzheng.") and file.source_code_info:
            for place in file.source_code_info.location:
                if place.leading_comments:
                    found[_name(file, list(place.path))] = _unindent(place.leading_comments)
    return found


def word(value: IntEnum) -> str:
    """The Chinese word of a contract's value: the first line of its comment."""
    descriptor = type(value).desc()  # type: ignore[attr-defined]
    named = next(one for one in descriptor.values if one.number == value.value)
    return comments().get(f"{descriptor.type_name}.{named.name}", "").partition("\n")[0]


def _unindent(comment: str) -> str:
    return "\n".join(line.strip() for line in comment.splitlines()).strip()


_KINDS = {
    (None, 4): "message_type",
    (None, 5): "enum_type",
    (None, 6): "service",
    (None, 7): "extension",
    ("message_type", 2): "field",
    ("message_type", 3): "nested_type",
    ("message_type", 4): "enum_type",
    ("nested_type", 2): "field",
    ("enum_type", 2): "value",
    ("service", 2): "method",
}


def _name(file: object, path: list[int]) -> str:
    """Full name of the element a source location points at (`descriptor.proto`, `Location.path`)."""
    node, kind, name = file, None, file.package  # type: ignore[attr-defined]
    while len(path) >= 2:
        field = _KINDS.get((kind, path[0]))
        if field is None:
            return f"{name}#{path}"
        node = getattr(node, field)[path[1]]
        kind, name, path = field, f"{name}.{node.name}", path[2:]
    return name if not path else f"{name}#{path}"


def routes_of(rule: HttpRule | None) -> tuple[HttpRule, ...]:
    """The route of a rule and its additional bindings."""
    return () if rule is None else (rule, *rule.additional_bindings)


def check(rpc: Rpc) -> None:
    """Refuse an RPC that does not say who may call it, where it is or what it does."""
    if not rpc.access.action or not (rpc.access.rows or rpc.access.internal):
        raise ContractError(f"{rpc.id}: no access rule")
    if rpc.access.internal == bool(rpc.routes):
        raise ContractError(f"{rpc.id}: needs either an http rule or internal")
    if not rpc.summary:
        raise ContractError(f"{rpc.id}: no comment")
    if rpc.workload == EVERY and "workload" not in {f.name for f in rpc.request.desc().fields}:
        raise ContractError(f"{rpc.id}: does not say which workload is asked")


def rpcs_of(service: DescService, texts: dict[str, str]) -> Iterator[Rpc]:
    """The checked methods of one service."""
    package, _, short = service.type_name.rpartition(".")
    workload = service.proto.options and service.proto.options[ext_served_by]
    for method in service.methods:
        summary, _, description = texts.get(f"{service.type_name}.{method.name}", "").partition(
            "\n"
        )
        rpc = Rpc(
            package=package,
            service=short,
            name=method.name,
            workload=workload or package.split(".")[1],
            request=message_class(method.input),
            response=message_class(method.output),
            access=_option(method, ext_access) or Access(),
            routes=routes_of(_option(method, ext_http)),
            summary=summary,
            description=description.strip(),
        )
        check(rpc)
        yield rpc


def _option(method: DescMethod, extension: Any) -> Any:
    options = method.proto.options
    return options[extension] if options is not None and extension in options else None


@cache
def rpcs() -> tuple[Rpc, ...]:
    """Every RPC of every contract, checked.

    Raises ContractError for the first one that breaks the house rules.
    """
    texts = comments()
    return tuple(
        rpc for file in files() for service in file.services for rpc in rpcs_of(service, texts)
    )


@cache
def rpc_by_path() -> dict[str, Rpc]:
    """RPCs by the path of the gRPC call."""
    return {rpc.path: rpc for rpc in rpcs()}


@cache
def facts() -> dict[str, type[Message]]:
    """Message classes of all facts, by full name."""
    return {
        message.type_name: message_class(message)
        for file in files()
        for message in file.messages
        if message.proto.options is not None and ext_fact in message.proto.options
    }


def topic_of(fact: str) -> str:
    """Topic on which a fact travels: the package of its message."""
    return fact.rpartition(".")[0]
