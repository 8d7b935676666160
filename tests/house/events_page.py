"""docs/events.md and docs/asyncapi.json: the events, written from the contracts.

python -m tests.house.events_page      # writes both
"""

import json
from collections.abc import Iterator

from protobuf import DescMessage

from gateway.openapi.events import by_topic, title, types, whole_document
from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.contracts import comments, facts
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent, OrganizationState
from tests.house.policy import ROOT

DOCUMENT = ROOT / "docs/events.md"
ASYNCAPI = ROOT / "docs/asyncapi.json"
HEAD = f"""# Events 事件目录

Printed from the contracts by `make pages`; the same for machines is [asyncapi.json](asyncapi.json) (AsyncAPI 3; a running platform shows the public part at `/api/asyncapi.json`). How a department receives: [receivers](receivers/README.md).

## For departments 对外

One change of an organization is one event with one id on three channels: the feed (`GET /api/v1/events`), webhooks (Standard Webhooks 1.0.0, CloudEvents JSON) and the topics `{HISTORY}` (history) and `{TWIN}` (compacted twin; CloudEvents binary). Public fields only, of no person.

Types: {{types}}. A test event ends in `.test`.
"""
INSIDE = """
## Inside 平台内部

Topics between the services, never exposed. A fact is a message named by a noun and a past participle; it travels as protobuf with CloudEvents headers, keyed by its aggregate.
"""


def table(message: DescMessage) -> Iterator[str]:
    """Fields of a message."""
    yield "| field | meaning |"
    yield "|---|---|"
    for field in message.fields:
        text = comments().get(f"{message.type_name}.{field.name}", "").replace("\n", " ")
        yield f"| `{field.json_name}` | {text} |"


def public() -> Iterator[str]:
    """The event and the state in it."""
    for message in (CloudEvent, OrganizationState):
        yield f"\n### {message.desc().type_name}\n"
        yield from table(message.desc())


def inside() -> Iterator[str]:
    """Every fact by topic."""
    for topic, names in sorted(by_topic().items()):
        yield f"\n### {topic}\n"
        for name in names:
            yield f"\n#### {name.rpartition('.')[2]} {title(name)}\n"
            yield from table(facts()[name].desc())


def document() -> str:
    """The whole page."""
    head = HEAD.replace("{types}", "、".join(f"`{one}`" for one in types()))
    return head + "\n".join(public()) + "\n" + INSIDE + "\n".join(inside()) + "\n"


def asyncapi() -> str:
    """The whole document for machines."""
    return json.dumps(whole_document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
    ASYNCAPI.write_text(asyncapi(), encoding="utf-8")
