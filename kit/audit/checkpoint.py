"""Checkpoints: where the chain stood, signed, kept outside the database."""

import base64
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from kit.secrets import Keyring
from kit.settings import Settings, settings

LONGEST = 4096
"""More bytes than a line has."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain's last number and link at a time, as one line of JSON."""

    service: str
    number: int
    link: str
    at: str
    key_id: int
    mac: str = ""
    signature: str = ""

    def content(self) -> bytes:
        """What is signed."""
        told = [self.service, self.number, self.link, self.at, self.key_id]
        return json.dumps(told, separators=(",", ":")).encode()

    def line(self) -> str:
        """The line of the file and of the table."""
        fields = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(fields, separators=(",", ":"))

    @classmethod
    def read(cls, line: str) -> "Checkpoint":
        """The checkpoint of a line; ValueError for anything else."""
        try:
            return cls(**json.loads(line))
        except TypeError as error:
            raise ValueError("no checkpoint") from error


def make(service: str, number: int, link: bytes, keyring: Keyring) -> Checkpoint:
    """A checkpoint with its MAC (for a verifier without public keys) and its signature."""
    key = load_pem_private_key(settings().secret("checkpoint_key.pem").encode(), None)
    assert isinstance(key, Ed25519PrivateKey)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    plain = Checkpoint(service, number, link.hex(), now, keyring.audit_id)
    content = plain.content()
    return Checkpoint(
        service, number, link.hex(), now, keyring.audit_id,
        mac=keyring.mac(content).hex(),
        signature=base64.b64encode(key.sign(content)).decode(),
    )  # fmt: skip


def genuine(checkpoint: Checkpoint, keyring: Keyring, public: Ed25519PublicKey) -> bool:
    """Signature and MAC both belong to this content."""
    content = checkpoint.content()
    if checkpoint.key_id not in keyring.audit:
        return False
    try:
        public.verify(base64.b64decode(checkpoint.signature), content)
    except (InvalidSignature, ValueError):
        return False
    return hmac.compare_digest(keyring.mac(content, checkpoint.key_id).hex(), checkpoint.mac)


def public_key() -> Ed25519PublicKey:
    """The key that checkpoints are verified with."""
    key = load_pem_public_key(settings().secret("checkpoint_key.pub.pem").encode())
    assert isinstance(key, Ed25519PublicKey)
    return key


def file_of(service: str, config: Settings | None = None) -> Path:
    """The checkpoint file of a service: to be kept under another account."""
    return (config or settings()).var / "checkpoints" / f"{service}.jsonl"


def append(checkpoint: Checkpoint) -> None:
    """Write a line, durable when this returns; what a crash left of a line is replaced."""
    file = file_of(checkpoint.service)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab+") as stream:
        stream.truncate(_whole(stream))
        stream.write(checkpoint.line().encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def last(service: str) -> Checkpoint | None:
    """The newest checkpoint of the file, without reading all of it."""
    file = file_of(service)
    if not file.exists():
        return None
    with file.open("rb") as stream:
        end = _whole(stream)
        stream.seek(max(0, end - LONGEST))
        found = stream.read(end - stream.tell()).splitlines()
    return Checkpoint.read(found[-1].decode()) if found else None


def _whole(stream: IO[bytes]) -> int:
    """Bytes up to the end of the last whole line."""
    size = stream.seek(0, os.SEEK_END)
    start = stream.seek(max(0, size - LONGEST))
    return start + stream.read().rfind(b"\n") + 1


def lines(service: str) -> Iterator[str]:
    """Lines of the file, oldest first."""
    file = file_of(service)
    if file.exists():
        with file.open(encoding="utf-8") as stream:
            yield from (line.rstrip("\n") for line in stream)
