"""Rules, settings and bounds as their readers see them."""

from collections.abc import Iterable

from kit.places import region
from kit.rules import Bound, Definition, Resolved, Setting
from kit.rules.values import text_of
from proto.gen.minzheng.common.v1.region_pb import Region
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from services.filing.rpc.view import named, text


def _at(path: str) -> Region:
    return region(path.rstrip("/").rpartition("/")[2])


def rule(found: Resolved, definition: Definition, bounds: Iterable[Bound] = ()) -> pb.Rule:
    """A rule in force, with what the levels above allow."""
    return pb.Rule(
        key=found.key,
        meaning=definition.meaning,
        type=found.type,
        value=text_of(found.value),
        unit=definition.unit,
        basis=found.basis,
        region=_at(found.region_path),
        effective_from=text(found.effective_from),
        lowered_class=named(pb.LoweredClass, found.lowered_class),
        bounds=[bound(one) for one in bounds],
    )


def setting(found: Setting) -> pb.RuleSetting:
    """A setting."""
    return pb.RuleSetting(
        key=found.key,
        region=_at(found.region_path),
        lowered_class=named(pb.LoweredClass, found.lowered_class),
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
        choices=list(found.choices),
    )
