"""Which adapter of the log a process uses: the setting `events` says it."""

from kit.doors import host
from kit.log.port import Log
from kit.log.postgres import PostgresLog
from kit.settings import Settings, settings


async def open_log(config: Settings | None = None, *, workload: str = "") -> Log:
    """The log of the settings, for a workload or whoever operates it.

    Raises LogError when it must answer now and does not.
    """
    chosen = config or settings()
    chosen = chosen.model_copy(update={"kafka_user": chosen.kafka_user or host(workload)})
    if chosen.events == "kafka":
        # Imported here: a process on the embedded log does not carry Kafka's client.
        from kit.log.kafka import KafkaLog

        return KafkaLog(chosen)
    return await PostgresLog.open(config)
