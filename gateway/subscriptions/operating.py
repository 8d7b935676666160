"""`minzheng resend`: what a department lost, sent again by the operator."""

import asyncio
import sys

import typer

from gateway.subscriptions.domain import subscription as domain
from gateway.subscriptions.rpc import view
from gateway.subscriptions.rpc.webhooks import MOST
from gateway.subscriptions.store.deliveries import Deliveries, Span, around
from gateway.subscriptions.store.subscriptions import Subscriptions
from kit.cli.operator import acting, audit, runtime_of

BY = "minzheng resend"


async def resend(subscription: str, since: str, until: str, reason: str) -> int:
    """Events of a span behind what is on its way; answers how many. Refusal as for the department."""
    async with runtime_of("gateway") as runtime:
        known = Subscriptions(runtime.database, runtime.unit, runtime.keyring)
        deliveries = Deliveries(runtime.database, known)
        shown, _ = await known.load(subscription, acting("resend_events", BY).who)
        found = shown.subscription
        domain.may_redeliver(found)
        if shown.waiting >= MOST:
            raise view.busy()
        async with deliveries.acting(around(found)) as connection:
            span = Span(0, await known.head(connection), view.moment(since), view.moment(until))
            count, _ = await deliveries.again(connection, found, span, MOST)
            await audit(runtime.unit, connection, "resend_events", subscription, reason, by=BY)
    return count


def run(subscription: str, since: str, until: str, reason: str) -> None:
    """From the command line."""
    if not reason.strip():
        typer.echo("请说明理由 give a reason", err=True)
        sys.exit(1)
    count = asyncio.run(resend(subscription, since, until, reason))
    typer.echo(f"{count} 个事件将重新投递 events will be delivered again")
