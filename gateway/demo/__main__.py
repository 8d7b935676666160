"""`make demo`: a platform of its own in a temporary folder, the stories, and its end.

python -m gateway.demo            # compare with tests/stories/expected
python -m gateway.demo --record   # write those files anew
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from kit.embedded.apart import answers, environment

START_SECONDS = 60.0


def wait(settings: Mapping[str, str], process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the platform answers."""
    end = time.monotonic() + START_SECONDS
    while not answers(settings):
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"the platform did not start:\n{log.read_text()}")
        time.sleep(0.1)


def main() -> int:
    """Start, play, stop; the exit code of the play."""
    minzheng = [sys.executable, "-m", "kit.cli"]
    with tempfile.TemporaryDirectory(prefix="minzheng-demo-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        chosen = os.environ | environment(Path(folder) / "var")
        log = Path(folder) / "up.log"
        print("启动演示平台 … / starting a platform for the demo", flush=True)
        with log.open("wb") as output:
            process = subprocess.Popen([*minzheng, "up"], env=chosen, stdout=output, stderr=output)
        try:
            wait(chosen, process, log)
            return subprocess.run([*minzheng, "demo", *sys.argv[1:]], env=chosen).returncode
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


if __name__ == "__main__":
    raise SystemExit(main())
