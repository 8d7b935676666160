"""Field rules of the contract, checked before the call; every violation is told at once."""

from protobuf import Message
from protovalidate import Validator
from protovalidate import Violation as Broken

from gateway.messages_zh import sentence
from gateway.transcoding.bodies import camel
from kit.errors import Violation, invalid

validator = Validator()


def warm(request: type[Message]) -> None:
    """Compile the rules of a request before the first call."""
    validator.collect_violations(request())


def check(message: Message) -> None:
    """Refusal 422 with all violations."""
    broken = validator.collect_violations(message)
    if broken:
        found = [violation_of(one) for one in broken]
        raise invalid("api.invalid", f"有 {len(found)} 处内容不符合要求。", *found)


def violation_of(broken: Broken) -> Violation:
    """A violation with its JSON path and Chinese sentence."""
    told = broken.proto
    return Violation(
        path_of(broken), told.rule_id, sentence(told.rule_id, broken.rule_value, told.message)
    )


def path_of(broken: Broken) -> str:
    """JSON path of the field, e.g. `form.members[3].homeCommunity`."""
    path = broken.proto.field
    parts = []
    for element in path.elements if path is not None else ():
        place = element.subscript
        parts.append(camel(element.field_name) + (f"[{place.value}]" if place is not None else ""))
    return ".".join(parts)
