"""A Kafka broker of our own: one node that is its own controller, loopback only, access by rules.

Two doors: `PLATFORM` for our processes (user and password), `DEPARTMENTS` for other departments,
who show a token of the sign-on; who they are is the token's client, what they may the rules say.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kit.doors import host
from kit.embedded.child import Child
from kit.embedded.postgres import secret_file
from kit.embedded.real.artifacts import Fetch, Say, cache_folder, read_lock
from kit.embedded.real.java import LEAN, become, run
from kit.embedded.real.places import DEPLOY, answers
from kit.embedded.sentences import require_free
from kit.embedded.workloads import service_names
from kit.log.kafka.client import OPERATOR
from kit.settings import Settings

HEAP = "-Xmx384m"
HANDLER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
BEARER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
ALLOWED = "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls"


@dataclass
class Broker:
    """The broker below `var/kafka`."""

    config: Settings
    say: Say
    jars: list[Path] = field(default_factory=list)
    cluster: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Identity of the cluster it is formatted for."""

    @property
    def folder(self) -> Path:
        """Its folder."""
        return self.config.var.absolute() / "kafka"

    @property
    def keys(self) -> Path:
        """File of the public keys that tokens of departments are checked with."""
        return self.folder / "keys" / "keys.json"

    def prepare(self) -> Child:
        """Fetch, write the settings, format at first; the child to start. Raises StartError."""
        config = self.config
        for port, name in (
            (config.kafka_port, "MINZHENG_KAFKA_PORT"),
            (config.kafka_departments_port, "MINZHENG_KAFKA_DEPARTMENTS_PORT"),
            (config.kafka_controller_port, "MINZHENG_KAFKA_CONTROLLER_PORT"),
        ):
            require_free("127.0.0.1", port, name)
        pins = read_lock(DEPLOY / "kafka" / "artifacts.lock")
        folder = cache_folder(config.artifacts) / "artifacts"
        self.jars = Fetch("Kafka", pins, folder, self.say).run()
        self._write()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        return Child(
            "kafka",
            become(self._arguments("kafka.Kafka", str(self._settings)), {}),
            config.var / "log" / "kafka.log",
            probe=lambda: answers(config.kafka_port),
        )

    @property
    def _settings(self) -> Path:
        return self.folder / "server.properties"

    def _write(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.keys.parent.mkdir(mode=0o700, exist_ok=True)
        if not self.keys.exists():
            self.keys.write_text('{"keys": []}')
        lines = [f"{key}={value}" for key, value in self._properties().items()]
        self._settings.touch(mode=0o600)
        self._settings.write_text("\n".join(lines) + "\n")

    def _users(self) -> str:
        """Our processes and their passwords; brokers themselves are the operator."""
        names = (OPERATOR, "gateway", *map(host, service_names()))
        folder = self.config.secret_folder
        known = {name: secret_file(folder, f"kafka_password_{name}") for name in names}
        users = " ".join(f'user_{name}="{password}"' for name, password in known.items())
        own = f'username="{OPERATOR}" password="{known[OPERATOR]}"'
        return f"{PLAIN} required {own} {users};"

    def _properties(self) -> Mapping[str, str]:
        config, own = self.config, self._users()

        def doors(host: str) -> str:
            return f"PLATFORM://{host}:{config.kafka_port},DEPARTMENTS://{host}:{config.kafka_departments_port}"

        quorum = f"127.0.0.1:{config.kafka_controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{quorum}",
            "listeners": f"{doors(config.peer_listen)},CONTROLLER://{quorum}",
            "advertised.listeners": doors(config.peer_host),
            "listener.security.protocol.map": "PLATFORM:SASL_PLAINTEXT,DEPARTMENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
            "inter.broker.listener.name": "PLATFORM",
            "controller.listener.names": "CONTROLLER",
            "sasl.mechanism.inter.broker.protocol": "PLAIN",
            "sasl.mechanism.controller.protocol": "PLAIN",
            **{
                f"listener.name.{door}.{key}": value
                for door in ("platform", "controller")
                for key, value in (
                    ("sasl.enabled.mechanisms", "PLAIN"),
                    ("plain.sasl.jaas.config", own),
                )
            },
            "listener.name.departments.sasl.enabled.mechanisms": "OAUTHBEARER",
            "listener.name.departments.oauthbearer.sasl.jaas.config": f"{BEARER} required;",
            "listener.name.departments.oauthbearer.sasl.server.callback.handler.class": HANDLER,
            "listener.name.departments.oauthbearer.connections.max.reauth.ms": "3600000",
            "sasl.oauthbearer.jwks.endpoint.url": self.keys.as_uri(),
            "sasl.oauthbearer.expected.issuer": config.issuer,
            "sasl.oauthbearer.expected.audience": "kafka",
            "sasl.oauthbearer.sub.claim.name": "azp",
            # A broker refuses a token whose scope is empty, as a department's is; rules count here.
            "sasl.oauthbearer.scope.claim.name": "typ",
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{OPERATOR}",
            "allow.everyone.if.no.acl.found": "false",
            "auto.create.topics.enable": "false",
            "message.max.bytes": "2000000",
            # Kept for good, as in the embedded log.
            "log.retention.ms": "-1",
            "log.dirs": str(self.folder / "data"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "6",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "6000",
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
        }

    def _format(self) -> None:
        self.say("初始化 Kafka 数据目录 … / formatting Kafka's folder")
        arguments = ("format", "--cluster-id", self.cluster, "--config", str(self._settings))
        run(self._arguments("kafka.tools.StorageTool", *arguments), {}, "Kafka format")

    def _arguments(self, program: str, *arguments: str) -> tuple[str, ...]:
        logging = f"-Dlog4j2.configurationFile={DEPLOY / 'kafka' / 'log4j2.properties'}"
        classpath = ":".join(map(str, self.jars))
        allowed = f"{ALLOWED}={self.keys.as_uri()}"
        return (HEAP, *LEAN, logging, allowed, "-cp", classpath, program, *arguments)
