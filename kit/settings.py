"""Settings of a process, read from the environment (`MINZHENG_…`); secrets are files."""

from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

IDLE_SECONDS = 75
"""For which our HTTP servers keep an idle connection: longer than clients and proxies (60 s at most)
do, or a request meets a connection that is just being closed and is lost without an answer."""


class Settings(BaseSettings):
    """All settings; every default serves the one-command run."""

    model_config = SettingsConfigDict(env_prefix="MINZHENG_")

    profile: Literal["dev", "test", "production"] = "dev"
    demo: bool = True
    crash_points: bool = False
    """Processes may be told to kill themselves at named points (fault tests only)."""
    var: Path = Path("var")
    secrets: Path | None = None
    """Folder of secret files; `var/secrets` by default."""

    postgres_host: str = "127.0.0.1"
    postgres_port: int = 15432
    postgres_bindir: Path | None = None
    """Server binaries to use instead of the wheel's (embedded run only)."""
    database_prefix: str = "minzheng_"

    backup: Path | None = None
    """Folder for backups, on another disk; the embedded database archives its log there. Empty: none."""
    backup_seal: Path | None = None
    """Certificate that backups are sealed with; empty: they lie open, which production refuses."""
    backup_days: int = 35
    """Days for which a base and what follows it are kept."""

    http_host: str = "127.0.0.1"
    http_port: int = 8080
    public_url: str = ""
    """As browsers name it; empty: this machine, at `http_port`."""
    address: str = "dns:///{service}:50051"
    """Where a service is reached; `{service}` is its name, `{host}` the same with hyphens."""
    listen: str = ""
    """Where a service listens; empty: at its `address`."""
    health_listen: str = ""
    """Where the health service alone listens besides, without TLS: probes have no certificate."""
    tls: Path | None = None
    """Folder with `tls.crt`, `tls.key`, `ca.crt`: calls between workloads are then mutual TLS, HTTP is TLS."""
    gateway_url: str = ""
    """Where the sign-on reaches the gateway; empty: at its `public_url`."""

    issuer_port: int = 8081
    issuer: str = ""
    """The sign-on as browsers and tokens name it; empty: this machine, at `issuer_port`."""
    issuer_address: str = ""
    """Where processes reach it (`http://host:port`); empty: where its name says."""
    realm_file: Path = Path("deploy/keycloak/minzheng-realm.demo.json")
    audience: str = "minzheng-api"
    sign_on_client: str = "minzheng-portal"
    """Client that browsers are signed on for; its secret is the file `sign_on_client_secret`."""

    events: Literal["embedded", "kafka"] = "embedded"
    """Which log carries the facts."""
    kafka_servers: str = ""
    """Brokers (`host:port`, comma between); empty: the one-command run starts its own broker."""
    kafka_sasl: Literal["none", "plain", "scram", "oauthbearer"] = "plain"
    """How our processes show who they are; the secret is the file `kafka_password_<user>`."""
    kafka_user: str = ""
    """User name (plain, scram) or client of the sign-on (oauthbearer); empty: the workload's own name, with hyphens."""
    kafka_ca: Path | None = None
    """Certificates that the brokers' are checked with; none: the connection is not encrypted."""
    kafka_port: int = 19092
    kafka_departments_port: int = 19093
    kafka_controller_port: int = 19094

    sign_on: Literal["embedded", "keycloak"] = "embedded"
    """Who signs people on; a Keycloak of our own runs where `issuer` is on our issuer port."""
    keycloak_health_port: int = 8082

    peer_host: str = "127.0.0.1"
    """Name under which a database, broker or sign-on of ours is reached; on loopback only by default."""
    artifacts: Path | None = None
    """Folder for what is fetched for the real Kafka and Keycloak; below the user's cache by default."""

    scanner: str = ""
    """clamd that looks at uploads: `tcp://host:3310` or `unix:///path`; empty: nothing is scanned."""

    province: str = "hainan"
    """Name in the event types of other departments."""
    department_networks: str = ""
    """Networks (CIDR, space between) departments may register for webhooks; empty: the private ranges."""
    department_ca: Path | None = None
    """Certificates departments' addresses are checked with, beside those of the system."""
    webhook_patience: float = 30.0
    """Seconds a department's address has to answer a delivery."""

    quiet_hours: str = "21:00-08:00"
    """Hours in which only urgent messages leave by SMS and mail, an hour longer before free days' mornings; empty: none."""
    sms_url: str = ""
    """SMS gateway (https), below which are `messages` and `receipts`; its key is the file `sms_key`."""
    sms_application: str = ""
    """Name the SMS gateway knows the platform by."""
    sms_template: str = "NOTICE"
    """Its template with the parameter `subject`."""
    sms_gathered_template: str = "GATHERED"
    """Its template with the parameter `count`, for several messages at once."""
    mail_host: str = ""
    """Mail server; the user's password is the file `mail_password`. Always with TLS."""
    mail_port: int = 587
    mail_tls: Literal["starttls", "implicit"] = "starttls"
    mail_user: str = ""
    """Empty: the server takes mail without a sign-on."""
    mail_sender: str = ""
    """Address mail comes from."""
    neighbor_ca: Path | None = None
    """Certificates SMS gateway and mail server are checked with, beside those of the system."""
    outward_patience: float = 20.0
    """Seconds an SMS gateway or mail server has for one message."""

    @model_validator(mode="after")
    def _at_our_ports(self) -> Self:
        """A port that was moved takes the address with it."""
        self.public_url = self.public_url or f"http://127.0.0.1:{self.http_port}"
        self.issuer = self.issuer or f"http://127.0.0.1:{self.issuer_port}/realms/minzheng"
        return self

    @property
    def brokers(self) -> str:
        """Where the brokers are."""
        return self.kafka_servers or f"127.0.0.1:{self.kafka_port}"

    @property
    def peer_listen(self) -> str:
        """Where a part of ours listens: on every interface where it has a name of its own."""
        return self.peer_host if self.peer_host == "127.0.0.1" else "0.0.0.0"  # noqa: S104

    @property
    def gateway_inside(self) -> str:
        """The gateway under the address that processes use."""
        return self.gateway_url or self.public_url

    @property
    def issuer_inside(self) -> str:
        """The issuer under the address that processes use."""
        base, found, path = self.issuer.partition("/realms/")
        return (self.issuer_address or base) + found + path

    @property
    def secret_folder(self) -> Path:
        """Folder of the secret files."""
        return self.secrets or self.var / "secrets"

    def secret(self, name: str) -> str:
        """Content of a secret file, without surrounding white space."""
        return (self.secret_folder / name).read_text().strip()

    def database(self, service: str) -> str:
        """Name of a service's database."""
        return self.database_prefix + service


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()
