"""How a process tells whoever started it that it serves."""

import os

VARIABLE = "MINZHENG_READY_FD"


def notify() -> None:
    """Say "ready" once; does nothing when nobody listens."""
    number = os.environ.pop(VARIABLE, "")
    if not number:
        return
    try:
        os.write(int(number), b"1")
        os.close(int(number))
    except OSError:
        return
