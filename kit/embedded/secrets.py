"""Secret files of a one-command run: keys made at first start, readable by their owner only."""

import base64
import json
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey

from kit.secrets import IN_USE, KEY


def make_secrets(folder: Path) -> None:
    """Make what is missing: internal signing key with its public set, field, index and audit keys."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for kind in ("field", "index", "audit"):
        make_key(folder, kind, 1)
    write_once(folder / IN_USE, b"{}")
    write_once(folder / "internal_key.pem", ECKey.generate_key("P-256").as_pem(private=True))
    make_checkpoint_key(folder)
    key = ECKey.import_key((folder / "internal_key.pem").read_bytes())
    public = dict(key.as_dict(private=False)) | {"kid": key.thumbprint(), "use": "sig"}
    write_once(folder / "internal_keys.json", json.dumps({"keys": [public]}).encode())


def make_key(folder: Path, kind: str, key_id: int) -> None:
    """A key of fields, blind indexes or the audit trail, unless it is there."""
    write_once(folder / f"{kind}_key_{key_id}", base64.b64encode(os.urandom(KEY)))


def use_key(folder: Path, kind: str, key_id: int) -> None:
    """Say which key of a kind is in use."""
    file = folder / IN_USE
    replace(file, json.dumps(json.loads(file.read_text()) | {kind: key_id}).encode())


def destroy_key(folder: Path, kind: str, key_id: int) -> None:
    """Overwrite a key and remove its file."""
    file = folder / f"{kind}_key_{key_id}"
    with file.open("r+b") as stream:
        stream.write(b"\0" * file.stat().st_size)
        os.fsync(stream.fileno())
    file.unlink()


def make_checkpoint_key(folder: Path) -> None:
    """The key that signs the checkpoints of the audit trail, and its public half."""
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_once(folder / "checkpoint_key.pem", Ed25519PrivateKey.generate().private_bytes(*plain))
    private = load_pem_private_key((folder / "checkpoint_key.pem").read_bytes(), None)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write_once(folder / "checkpoint_key.pub.pem", public)


def write_once(file: Path, content: bytes) -> None:
    """Write a file of mode 600 unless it is there."""
    if not file.exists():
        replace(file, content)


def replace(file: Path, content: bytes) -> None:
    """Write a file of mode 600 at once: who reads it meanwhile sees all of it or none."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    part.replace(file)
