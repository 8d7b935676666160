"""Where the real peers' files are and how their doors are looked at."""

import socket
from pathlib import Path

DEPLOY = Path(__file__).parents[3] / "deploy"
LOOK_SECONDS = 0.2


def answers(port: int) -> bool:
    """Somebody listens on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(LOOK_SECONDS)
        return probe.connect_ex(("127.0.0.1", port)) == 0
