"""AsyncAPI 3 of the events: what departments receive, and for the page the facts inside.

Written from the contracts: messages, fields and comments are theirs.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.openapi.schemas import Schema, Schemas
from gateway.subscriptions.domain.changes import event_type
from gateway.subscriptions.domain.subscription import VERBS
from gateway.subscriptions.publishing import HISTORY, TWIN
from kit.contracts import comments, facts, topic_of
from kit.settings import settings
from proto.gen.minzheng.common.v1.access_pb import ext_fact
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent, OrganizationState

ASYNCAPI = "3.0.0"
BINDING = "0.5.0"
WEBHOOK = "webhook"
PUBLIC = {
    HISTORY: "历次变动：变动后的公开现状，键为组织编号",
    TWIN: "现状：每个组织最近一次的公开现状，按键压缩",
}
STANDARD = {
    "webhook-id": "事件编号，各渠道相同；据此去重",
    "webhook-timestamp": "签名时间，自 1970 年起的秒数",
    "webhook-signature": "v1 与 HMAC-SHA256 签名，更换密钥期间有两个，以空格分隔",
}


def public_document() -> Schema:
    """What departments may know of."""
    schemas = Schemas()
    channels = {topic: topic_channel(topic, text, schemas) for topic, text in PUBLIC.items()}
    channels[WEBHOOK] = webhook_channel(schemas)
    operations = {f"receive.{name}": operation(name, "receive") for name in PUBLIC}
    operations[f"receive.{WEBHOOK}"] = operation(WEBHOOK, "receive")
    return document(channels, operations, schemas)


def whole_document() -> Schema:
    """The same with the topics inside, for who works on the platform."""
    found = public_document()
    schemas = Schemas(found["components"]["schemas"])
    for topic, names in sorted(by_topic().items()):
        found["channels"][topic] = inner_channel(topic, names, schemas)
        found["operations"][f"send.{topic}"] = operation(topic, "send")
    return found | {"components": {"schemas": dict(sorted(schemas.components.items()))}}


def document(channels: Schema, operations: Schema, schemas: Schemas) -> Schema:
    """The frame."""
    return {
        "asyncapi": ASYNCAPI,
        "info": {
            "title": "民政社区社会组织平台事件",
            "version": version("minzheng"),
            "description": "由接口契约生成。事件为 CloudEvents 1.0，只含可公开的字段。",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"schemas": dict(sorted(schemas.components.items()))},
    }


def operation(channel: str, action: str) -> Schema:
    """Whoever reads this document receives what is public and sends nothing."""
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def types() -> list[str]:
    """Types of events departments can subscribe to."""
    return [event_type(settings().province, verb) for verb in VERBS]


def topic_channel(topic: str, text: str, schemas: Schemas) -> Schema:
    """A public topic: binary mode, attributes in headers, the state as JSON."""
    names = [field.name for field in CloudEvent.desc().fields]
    attributes: Schema = {
        f"ce_{name}": {"type": "string", "description": described(CloudEvent, name)}
        for name in names
        if name not in ("data", "datacontenttype")
    }
    attributes["ce_type"]["enum"] = types()
    return {
        "address": topic,
        "description": text,
        "messages": {
            "OrganizationChanged": {
                "name": "OrganizationChanged",
                "contentType": "application/json",
                "headers": {"type": "object", "properties": attributes},
                "payload": schemas.message(OrganizationState.desc()),
                "bindings": {
                    "kafka": {
                        "key": {"type": "string", "description": "组织编号"},
                        "bindingVersion": BINDING,
                    }
                },
            }
        },
        "bindings": {
            "kafka": {
                "topicConfiguration": {
                    "cleanup.policy": ["compact" if topic == TWIN else "delete"]
                },
                "bindingVersion": BINDING,
            }
        },
    }


def webhook_channel(schemas: Schemas) -> Schema:
    """A department's own address: structured mode, signed."""
    headers = {name: {"type": "string", "description": text} for name, text in STANDARD.items()}
    return {
        "address": None,
        "description": "部门登记的接收地址（Standard Webhooks 1.0.0，CloudEvents 结构化模式）",
        "messages": {
            "OrganizationChanged": {
                "name": "OrganizationChanged",
                "contentType": "application/cloudevents+json",
                "headers": {"type": "object", "properties": headers, "required": [*STANDARD]},
                "payload": schemas.message(CloudEvent.desc()),
            }
        },
        "bindings": {"http": {}},
    }


def inner_channel(topic: str, names: Iterable[str], schemas: Schemas) -> Schema:
    """A topic between the services; no department reads it."""
    return {
        "address": topic,
        "description": "平台内部，不对外开放；值为 protobuf，字段见消息",
        "messages": {
            name.rpartition(".")[2]: {
                "name": name,
                "title": title(name),
                "contentType": "application/protobuf",
                "payload": schemas.message(facts()[name].desc()),
            }
            for name in names
        },
        "x-internal": True,
    }


def by_topic() -> dict[str, list[str]]:
    """Full names of facts by topic."""
    found: dict[str, list[str]] = {}
    for name in sorted(facts()):
        found.setdefault(topic_of(name), []).append(name)
    return found


def title(name: str) -> str:
    """Chinese name of a fact."""
    options = facts()[name].desc().proto.options
    return str(options[ext_fact].title) if options is not None else ""


def described(message: Any, field: str) -> str:
    """Comment of a field."""
    return comments().get(f"{message.desc().type_name}.{field}", "")


def events_route() -> Route:
    """`/api/asyncapi.json`: the public part, written once."""
    content = json.dumps(public_document(), ensure_ascii=False).encode()

    async def asyncapi(request: Request) -> Response:
        return Response(
            content, headers={"Cache-Control": "no-cache"}, media_type="application/json"
        )

    return Route("/api/asyncapi.json", asyncapi)
