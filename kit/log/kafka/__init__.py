"""The log on Apache Kafka: the second adapter of the port.

kafka-python blocks, so every client lives in a thread of its own and the loop only waits for it.
"""

from kit.log.kafka.log import KafkaLog

__all__ = ["KafkaLog"]
