"""`make demo`: a platform of its own in a temporary folder, the stories, and its end.

python -m gateway.demo            # compare with tests/stories/expected
python -m gateway.demo --record   # write those files anew
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

FIRST_PORT, LAST_PORT = 21_000, 31_000
START_SECONDS = 60.0


def free_ports(count: int) -> list[int]:
    """Ports nobody uses now."""
    found: list[int] = []
    for port in range(FIRST_PORT + os.getpid() % 5000, LAST_PORT):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no free ports")


def environment(var: Path) -> dict[str, str]:
    """Settings of the demo's platform."""
    http, issuer, database = free_ports(3)
    return os.environ | {
        "MINZHENG_VAR": str(var),
        "MINZHENG_HTTP_PORT": str(http),
        "MINZHENG_PUBLIC_URL": f"http://127.0.0.1:{http}",
        "MINZHENG_ISSUER_PORT": str(issuer),
        "MINZHENG_ISSUER": f"http://127.0.0.1:{issuer}/realms/minzheng",
        "MINZHENG_POSTGRES_PORT": str(database),
        "MINZHENG_DEMO": "0",
    }


def wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the door is ready."""
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/health/readiness").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the platform did not start:\n{log.read_text()}")
        time.sleep(0.1)


def main() -> int:
    """Start, play, stop; the exit code of the play."""
    minzheng = [sys.executable, "-m", "kit.cli"]
    with tempfile.TemporaryDirectory(prefix="minzheng-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        chosen, log = environment(Path(folder) / "var"), Path(folder) / "up.log"
        print("启动演示平台 … / starting a platform for the demo", flush=True)
        with log.open("wb") as output:
            process = subprocess.Popen([*minzheng, "up"], env=chosen, stdout=output, stderr=output)
        try:
            wait(chosen["MINZHENG_PUBLIC_URL"], process, log)
            return subprocess.run([*minzheng, "demo", *sys.argv[1:]], env=chosen).returncode
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


if __name__ == "__main__":
    raise SystemExit(main())
