"""A Keycloak of our own on our PostgreSQL: unpacked and built once, the realm imported at first."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kit.embedded.child import Child
from kit.embedded.client_secret import client_secrets
from kit.embedded.look import answers_well
from kit.embedded.postgres import secret_file
from kit.embedded.real.artifacts import Say, cache_folder
from kit.embedded.real.building import built
from kit.embedded.real.java import LEAN, become
from kit.embedded.real.places import LOOK_SECONDS
from kit.embedded.sentences import require_free
from kit.settings import Settings

WORKLOAD = "keycloak"
"""Name of its database, beside those of the services."""
ADMIN = "minzheng-admin"
"""Client of the realm `master` that may administer realms; its secret is `keycloak_admin`."""
PATIENCE = 480.0
"""Seconds: the first start makes the tables and hashes the demo passwords."""
SHARED = ("bin", "conf", "lib", "providers", "themes")
# What its own start script gives to Java, with the collector and the heap of a small machine.
OPTIONS = (
    "-Xms64m", "-Xmx384m", "-XX:MaxMetaspaceSize=256m", *LEAN, "-Dfile.encoding=UTF-8",
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.security=ALL-UNNAMED", "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED", "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Dpicocli.disable.closures=true", "-Dquarkus-log-max-startup-records=10000",
)  # fmt: skip
SILENT = (
    "io.smallrye.health", "org.keycloak.common.Profile",
    "org.keycloak.quarkus.runtime.services.BootstrapFilter",
)  # fmt: skip
"""Warnings of every ordinary start."""
ENTRY = "io.quarkus.bootstrap.runner.QuarkusEntryPoint"


@dataclass
class Keycloak:
    """The server whose realm, people and sessions are in the database `keycloak`."""

    config: Settings
    say: Say

    @property
    def home(self) -> Path:
        """Its own folder: links to the program, and the realm file to import."""
        return self.config.var.absolute() / "keycloak"

    def prepare(self) -> Child:
        """Fetch, unpack and build what is missing; the child to start. Raises StartError."""
        config = self.config
        require_free("127.0.0.1", config.keycloak_health_port, "MINZHENG_KEYCLOAK_HEALTH_PORT")
        program = built(cache_folder(config.artifacts), self.say)
        self._lay(program)
        health = f"http://127.0.0.1:{config.keycloak_health_port}/health/ready"
        jar = program / "lib" / "quarkus-run.jar"
        home = (f"-Dkc.home.dir={self.home}", f"-Djboss.server.config.dir={self.home / 'conf'}")
        arguments = ("start", "--optimized", "--import-realm")
        return Child(
            "keycloak",
            become((*OPTIONS, *home, "-cp", str(jar), ENTRY, *arguments), self._environment()),
            config.var / "log" / "keycloak.log",
            # It says itself that it serves: it listens some seconds before.
            probe=lambda: answers_well(health, LOOK_SECONDS),
            patience=PATIENCE,
        )

    def _lay(self, program: Path) -> None:
        """The folder with links to the program and the realm file."""
        imported = self.home / "data" / "import"
        imported.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(self.config.realm_file, imported / "realm.json")
        for name in SHARED:
            link = self.home / name
            link.unlink(missing_ok=True)
            link.symlink_to(program / name)

    def _environment(self) -> Mapping[str, str]:
        """Its settings; the first are for the placeholders of the realm file."""
        config = self.config
        name = config.database(WORKLOAD)
        base = config.issuer.partition("/realms/")[0]
        return {
            **client_secrets(config),
            "MINZHENG_PUBLIC_URL": config.public_url,
            "MINZHENG_GATEWAY_URL": config.gateway_inside,
            "KC_DB_URL": f"jdbc:postgresql://{config.postgres_host}:{config.postgres_port}/{name}",
            "KC_DB_USERNAME": f"{name}_owner",
            "KC_DB_PASSWORD": secret_file(config.secret_folder, f"postgres_{name}_owner"),
            "KC_DB_POOL_MAX_SIZE": "20",
            "KC_BOOTSTRAP_ADMIN_CLIENT_ID": ADMIN,
            "KC_BOOTSTRAP_ADMIN_CLIENT_SECRET": secret_file(config.secret_folder, "keycloak_admin"),
            "KC_HOSTNAME": base,
            "KC_HTTP_ENABLED": "true",
            "KC_HTTP_HOST": config.peer_listen,
            "KC_HTTP_PORT": str(config.issuer_port),
            "KC_HTTP_MANAGEMENT_PORT": str(config.keycloak_health_port),
            "KC_LOG_CONSOLE_OUTPUT": "json",
            "KC_LOG_LEVEL": ",".join(("warn", *(f"{name}:error" for name in SILENT))),
        }
