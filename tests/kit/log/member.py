"""A member of a group in a process of its own, to be killed: prints what it reads, commits nothing."""

import asyncio
import sys

from kit.log.adapters import open_log


async def main(group: str, topic: str) -> None:
    log = await open_log()
    consumer = log.consumer(group, [topic])
    while True:
        for delivery in await consumer.poll(0.2):
            print(delivery.record.value.decode(), flush=True)


asyncio.run(main(*sys.argv[1:]))
