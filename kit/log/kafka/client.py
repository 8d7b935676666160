"""How clients are set up: where, who, and the settings that the promises of the port rest on."""

import logging
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.net.sasl.oauth import AbstractTokenProvider

from kit.settings import Settings

# The client tells of every lost connection, slow step and password outside TLS (without `kafka_ca`
# that is our own broker on loopback). What fails for us is raised, and said where it is handled.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
CONNECT = {
    # The default of 30 s would block a thread that long while brokers are away.
    "bootstrap_timeout_ms": 10_000,
    "reconnect_backoff_max_ms": 1_000,
    "request_timeout_ms": 10_000,
}
DELIVERY_SECONDS = 20.0
"""How long a record may wait for its acknowledgement; below what the relay waits for a batch."""
PRODUCER = {
    "acks": "all",
    "enable_idempotence": True,
    "delivery_timeout_ms": int(DELIVERY_SECONDS * 1000),
    "max_block_ms": 5_000,
    "linger_ms": 5,
    "allow_auto_create_topics": False,
}
CONSUMER = {
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "partition_assignment_strategy": (RangePartitionAssignor,),
    # The least a broker allows: a killed member is replaced after it.
    "session_timeout_ms": 6_000,
    "heartbeat_interval_ms": 1_000,
    "max_poll_records": 100,
    "allow_auto_create_topics": False,
}
OPERATOR = "platform"
"""Who operates the bus; commands are run as it."""
REFRESH = 0.8
"""Part of a token's life after which the next one is asked for."""


def connection(config: Settings) -> dict[str, Any]:
    """Arguments of every client: brokers, encryption, credentials."""
    found: dict[str, Any] = {"bootstrap_servers": config.brokers.split(","), **CONNECT}
    signed = config.kafka_sasl != "none"
    found["security_protocol"] = ("SASL_" if signed else "") + (
        "SSL" if config.kafka_ca else "PLAINTEXT"
    )
    if config.kafka_ca:
        found["ssl_cafile"] = str(config.kafka_ca)
    if signed:
        found |= credentials(config)
    return found


def credentials(config: Settings) -> dict[str, Any]:
    """Who we are: a user with a password, or a client of the sign-on with its tokens."""
    user = config.kafka_user or OPERATOR
    secret = config.secret(f"kafka_password_{user}")
    if config.kafka_sasl == "oauthbearer":
        provider = Tokens(config.issuer_inside, user, secret)
        return {"sasl_mechanism": "OAUTHBEARER", "sasl_oauth_token_provider": provider}
    return {
        "sasl_mechanism": "PLAIN" if config.kafka_sasl == "plain" else "SCRAM-SHA-512",
        "sasl_plain_username": user,
        "sasl_plain_password": secret,
    }


@dataclass
class Tokens(AbstractTokenProvider):  # type: ignore[misc]
    """Access tokens of a client by its credentials, each used for most of its life."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    value: str = field(default="", repr=False)
    until: float = 0.0

    def token(self) -> str:
        """A valid token. Raises httpx.HTTPError when the sign-on does not give one."""
        if time.monotonic() >= self.until:
            answer = self._ask()
            self.value = answer["access_token"]
            self.until = time.monotonic() + answer["expires_in"] * REFRESH
        return self.value

    def _ask(self) -> dict[str, Any]:
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(
            f"{self.issuer}/protocol/openid-connect/token",
            data=form,
            auth=(self.client_id, self.client_secret),
            timeout=5,
            trust_env=False,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found
