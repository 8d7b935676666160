"""A second replica of every workload beside a running platform: its own addresses, the same databases.

Run by the tests with the platform's settings, an HTTP port and addresses of its own.
"""

import sys
from dataclasses import replace

from kit.embedded.supervisor import Supervisor
from kit.embedded.up import children, warm
from kit.settings import settings

FOLDER = "second"


def main() -> int:
    """Start what serves and keep it running until told to stop."""
    config = settings()
    supervisor = Supervisor(config.var / FOLDER, print)
    logs = config.var / FOLDER / "log"
    ours = [
        replace(child, log=logs / child.log.name)
        for child in children(config)
        if child.name != "issuer"
    ]
    with supervisor.alone():
        warm()
        try:
            supervisor.start(ours)
            supervisor.keep()
        finally:
            supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
