"""From the request to a signed delivery: two persons, a secret once, a test, the same event id."""

import json

from gateway.subscriptions.delivering import signing
from tests.gateway.subscriptions.conftest import DATONGLI
from tests.gateway.subscriptions.conftest import department as reader
from tests.gateway.subscriptions.webhooks import (
    Desk,
    approver,
    department,
)
from tests.sink import Sink


async def test_requested_approved_tested_and_delivered(desk: Desk, sink: Sink) -> None:
    found = await desk.requested(sink.url)
    assert (await desk.state(found)).state.name == "REQUESTED"
    await desk.call("ApproveSubscription", approver(), subscription_id=found)
    issued = await desk.call("RotateSecret", department(), subscription_id=found)
    secret = signing.base64.b64decode(issued.secret.removeprefix("whsec_"))
    tested = await desk.call("TestSubscription", department(), subscription_id=found)
    assert (tested.outcome.name, tested.status, tested.subscription.state.name) == (
        "DELIVERED", 204, "LIVE",
    )  # fmt: skip
    (test,) = sink.received
    assert json.loads(test.body)["type"].endswith(".test")
    await desk.room.filed(DATONGLI)
    await desk.settle()
    got = sink.received[-1]
    (event,) = await desk.room.events(reader())
    assert (got.event_id, json.loads(got.body)["id"]) == (event.id, event.id)
    assert json.loads(got.body) == json.loads(event.to_json(always_emit_implicit=True))
    stamp = int(got.headers["webhook-timestamp"])
    assert got.headers["webhook-signature"] == signing.signature(secret, event.id, stamp, got.body)
    assert got.headers["content-type"].startswith("application/cloudevents+json")
