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
    write_once(folder / "internal_keys.json", public_keys(signing_key(folder)))


def rotate_signing(folder: Path, *, keep: bool) -> str:
    """A new key that the gateway signs by; `keep` lets the one before verify on. Answers its name."""
    before, made = signing_key(folder), ECKey.generate_key("P-256")
    # Known before it is used: a process that starts in between refuses nothing.
    replace(folder / "internal_keys.json", public_keys(made, before))
    replace(folder / "internal_key.pem", made.as_pem(private=True))
    if not keep:
        replace(folder / "internal_keys.json", public_keys(made))
    return made.thumbprint()


def retire_signing(folder: Path) -> int:
    """Forget the signing keys that are not in use; answers how many."""
    file = folder / "internal_keys.json"
    count = len(json.loads(file.read_text())["keys"])
    replace(file, public_keys(signing_key(folder)))
    return count - 1


def public_keys(*keys: ECKey) -> bytes:
    """The public halves, as services read them."""
    halves = [dict(key.as_dict(private=False)) | {"kid": key.thumbprint()} for key in keys]
    return json.dumps({"keys": [half | {"use": "sig"} for half in halves]}).encode()


def signing_key(folder: Path) -> ECKey:
    """The key the gateway signs by."""
    return ECKey.import_key((folder / "internal_key.pem").read_bytes())


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
