"""`/ops/release`: which version runs where, how far the tables are, which rules it came with."""

from hashlib import sha256
from importlib.resources import files

from gateway.portal import Response, Visit, page
from gateway.portal.ops.workloads import lines, title
from kit.calendar import published_years
from kit.contracts import IMAGE
from proto.gen.minzheng.operations.v1.operations_pb import GetStatusRequest

SHOWN = 12
RULES = ("rule_defaults.csv", "management_regions.csv", "dictionaries.json")


@page("/ops/release", asks=GetStatusRequest, menu="版本与配置", order=50)
async def release(visit: Visit) -> Response:
    """Versions, migrations, digests of what was shipped."""
    shipped = [(name, _digest(files("kit.data").joinpath(name).read_bytes())) for name in RULES]
    shipped.append((IMAGE.name, _digest(IMAGE.read_bytes())))
    return visit.show(
        "ops/release.html", lines=await lines(visit), shipped=shipped, years=published_years(),
        title=title,
    )  # fmt: skip


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:SHOWN]
