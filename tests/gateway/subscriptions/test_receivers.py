"""The receiver kit of the departments: every sample takes what is good and refuses eight mutants."""

import base64
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gateway.subscriptions.delivering import signing
from tests.house.test_files import ROOT

KIT = ROOT / "docs/receivers"
NOW = 1_772_438_400
SECRET, OTHER = b"s" * 32, b"t" * 32
BODY = '{"id":"019a","data":{"name":"大同里社区合唱队"}}'.encode()


@dataclass(frozen=True)
class Case:
    """One delivery as a receiver sees it."""

    event_id: str = "019a0000-0000-7000-8000-0000000000a1"
    timestamp: str = str(NOW)
    signature: str = ""
    body: bytes = BODY
    secret: str = signing.shown(SECRET)
    now: int = NOW

    @property
    def line(self) -> str:
        """As the samples read it."""
        body = base64.b64encode(self.body).decode()
        return "\t".join(
            (self.secret, self.event_id, self.timestamp, self.signature, body, str(self.now))
        )


def signed(*secrets: bytes, timestamp: int = NOW) -> Case:
    """A delivery signed by our own signer."""
    case = Case(timestamp=str(timestamp))
    headers = signing.headers(secrets, case.event_id, timestamp, case.body)
    return replace(case, signature=headers["webhook-signature"])


GOOD = {
    "signed": signed(SECRET),
    "during a rotation": signed(OTHER, SECRET),
    "four minutes late": replace(signed(SECRET), now=NOW + 240),
}
FIRST = GOOD["signed"]
MUTANTS = {
    "another body": replace(FIRST, body=BODY.replace(b"019a", b"019b")),
    "another id": replace(FIRST, event_id="019a0000-0000-7000-8000-0000000000a2"),
    "another time": replace(FIRST, timestamp=str(NOW + 1)),
    "another secret": signed(OTHER),
    "too old": replace(FIRST, now=NOW + 301),
    "from the future": replace(FIRST, now=NOW - 301),
    "another scheme": replace(FIRST, signature=FIRST.signature.replace("v1,", "v1a,")),
    "no signature": replace(FIRST, signature=""),
    "half a signature": replace(FIRST, signature=FIRST.signature[:20]),
    "no id": replace(FIRST, event_id=""),
    "no time": replace(FIRST, timestamp=""),
}
"""Eight at least; each differs from a good one in one thing."""


def python(tmp_path: Path) -> Sequence[str]:
    """The Python sample."""
    return [sys.executable, str(KIT / "verify.py")]


def java(tmp_path: Path) -> Sequence[str]:
    """The Java sample, compiled."""
    compiler = needed("javac", "a JDK")
    subprocess.run([compiler, "-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", str(tmp_path),
                    str(KIT / "Verify.java")], check=True)  # fmt: skip
    return [needed("java", "a JDK"), "-cp", str(tmp_path), "Verify"]


def go(tmp_path: Path) -> Sequence[str]:
    """The Go sample, compiled."""
    compiler = needed("go", "Go")
    environment = os.environ | {"GOTOOLCHAIN": "local", "GO111MODULE": "off", "GOFLAGS": ""}
    program = tmp_path / "verify"
    subprocess.run([compiler, "build", "-o", str(program), str(KIT / "verify.go")],
                   check=True, env=environment)  # fmt: skip
    return [str(program)]


def needed(name: str, what: str) -> str:
    """Path of a tool; a loud skip where it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"SKIPPED, NOT GREEN: {what} is not installed ({name})")
    return found


@pytest.mark.parametrize("sample", [python, java, go], ids=lambda one: str(one.__name__))
def test_a_sample_takes_the_good_and_refuses_the_mutants(sample: object, tmp_path: Path) -> None:
    command = sample(tmp_path)  # type: ignore[operator]
    cases = GOOD | MUTANTS
    lines = "".join(f"{case.line}\n" for case in cases.values())
    answer = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    assert dict(zip(cases, answer.stdout.split(), strict=True)) == {
        **dict.fromkeys(GOOD, "ok"),
        **dict.fromkeys(MUTANTS, "refused"),
    }


def test_the_mutants_are_eight_at_least_and_differ() -> None:
    assert len({case.line for case in (GOOD | MUTANTS).values()}) == len(GOOD) + len(MUTANTS)
    assert len(MUTANTS) >= 8


def test_a_receiver_can_import_the_sample() -> None:
    verify = runpy.run_path(str(KIT / "verify.py"))["verify"]
    headers = {"webhook-id": FIRST.event_id, "webhook-timestamp": FIRST.timestamp,
               "webhook-signature": FIRST.signature}  # fmt: skip
    verify(FIRST.secret, headers, FIRST.body, NOW)
    with pytest.raises(ValueError, match="signature"):
        verify(FIRST.secret, headers, FIRST.body + b" ", NOW)
