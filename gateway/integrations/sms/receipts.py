"""Receipts of the SMS gateway: fetched, so that no door has to stand open for a provider.

The cursor moves after every receipt of a page was reported; what is read twice is reported twice,
which changes nothing.
"""

import logging
from dataclasses import dataclass

from gateway.integrations.desk import Desk
from gateway.integrations.sms.gateway import PAGE, GatewayError, Receipt, SmsGateway
from gateway.integrations.store import Queue
from proto.gen.minzheng.notifications.v1.dispatches_pb import DispatchState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receipts:
    """Fetches and reports; by a timer, so one gateway does it at a time."""

    queue: Queue
    desk: Desk
    gateway: SmsGateway

    async def run(self) -> int:
        """Until no whole page is left; answers how many. A gateway that is away is asked again."""
        total = 0
        while True:
            after = await self.queue.cursor("SMS")
            try:
                page, reached = await self.gateway.receipts(after)
            except GatewayError as error:
                log.warning("no receipts: %s", error)
                return total
            for one in page:
                await self.report(one)
            await self.queue.advance("SMS", reached)
            total += len(page)
            if len(page) < PAGE or reached == after:
                return total

    async def report(self, one: Receipt) -> None:
        """Tell notifications; a receipt about nothing of ours is passed over."""
        state = DispatchState.DELIVERED if one.delivered else DispatchState.FAILED
        if not await self.desk.report(one.dispatch_id, state, one.reason):
            log.warning("a receipt about no dispatch of ours")
