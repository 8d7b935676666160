"""Secret files by who needs them: a folder for each process, with nothing that is another's.

The folder above them is closed to everybody but its owner; files inside are readable, because a
container reads them under an account that this machine does not know.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from kit.doors import host
from kit.embedded.client_secret import lend_client_secret
from kit.embedded.postgres import SUPERUSER_SECRET, secret_file
from kit.embedded.secrets import make_secrets, replace
from kit.embedded.workloads import databases
from kit.log.kafka.client import OPERATOR
from kit.settings import Settings

ALL = "operator"
"""Who prepares the platform holds every secret."""
OURS = ("field_key_*", "index_key_*", "audit_key_*", "keys_in_use", "internal_keys.json", "checkpoint_key.pem", "checkpoint_key.pub.pem")  # fmt: skip
"""What every process of ours reads, beside the passwords of its own at the database and the bus."""
BUS = "kafka_password_"


def shares(config: Settings) -> Mapping[str, tuple[str, ...]]:
    """Patterns of secret files by process."""
    names = [name for name in databases(config) if name != "log"]
    own: dict[str, tuple[str, ...]] = {
        name: (f"postgres_{config.database(name)}_app", f"{BUS}{host(name)}", *OURS)
        for name in names
    }
    own["gateway"] += ("internal_key.pem", "sign_on_client_secret")
    return own | {
        "postgres": (SUPERUSER_SECRET,),
        "kafka": (f"{BUS}*",),
        "keycloak": (f"postgres_{config.database('keycloak')}_owner", "keycloak_admin", "client_*"),
    }


def hand_out(folder: Path, config: Settings) -> None:
    """Make what is missing in `folder/operator` and give every process its share; safe to repeat."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = folder / ALL
    make_all(source, config)
    for name, patterns in shares(config).items():
        found = [file for pattern in patterns for file in source.glob(pattern)]
        give(found, folder / name)
    give(source.iterdir(), source)


def make_all(folder: Path, config: Settings) -> None:
    """Keys and passwords of a whole platform."""
    make_secrets(folder)
    roles = [f"{config.database(name)}_{role}" for name in (*databases(config), "keycloak") for role in ("owner", "app")]  # fmt: skip
    users = [f"{BUS}{host(name)}" for name in (OPERATOR, *databases(config)) if name != "log"]
    for name in (SUPERUSER_SECRET, "keycloak_admin", *users, *(f"postgres_{role}" for role in roles)):  # fmt: skip
        secret_file(folder, name)
    lend_client_secret(config.model_copy(update={"secrets": folder}))


def give(files: Iterable[Path], folder: Path) -> None:
    """Copies of the files in a folder that a container may enter and read."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    for file in tuple(files):
        target = folder / file.name
        if not target.exists() or target.read_bytes() != file.read_bytes():
            replace(target, file.read_bytes())
        target.chmod(0o444)
