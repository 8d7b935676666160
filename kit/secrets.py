"""Field encryption and blind indexes for personal data (P2, P3).

A cell is: version 1, key id, nonce, AES-256-GCM ciphertext; its place (table, column, row) is
authenticated, so cells cannot be swapped. A blind index is HMAC-SHA256 under another key.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.settings import Settings, settings

VERSION = 1
NONCE = 12


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys of this process: field and audit keys by id (the newest is used), one index key."""

    fields: dict[int, bytes]
    index: bytes
    audit: dict[int, bytes]

    @classmethod
    def load(cls, config: Settings | None = None) -> "Keyring":
        """From the secret files `field_key_<id>`, `index_key`, `audit_key_<id>` (base64, 32 bytes)."""
        folder = (config or settings()).secret_folder
        index = base64.b64decode((folder / "index_key").read_text())
        return cls(_numbered(folder, "field_key"), index, _numbered(folder, "audit_key"))

    @property
    def audit_id(self) -> int:
        """Id of the audit key in use."""
        return max(self.audit)

    def mac(self, content: bytes, key_id: int | None = None) -> bytes:
        """MAC of an audit row or checkpoint under the key in use, or an older one."""
        key = self.audit[self.audit_id if key_id is None else key_id]
        return hmac.new(key, content, hashlib.sha256).digest()

    def encrypt(self, text: str, place: str) -> bytes:
        """Cell of a text at its place (`table.column:row`)."""
        return self.seal(text.encode(), place)

    def decrypt(self, cell: bytes, place: str) -> str:
        """Text of a cell; cryptography.exceptions.InvalidTag when cell or place was changed."""
        return self.unseal(cell, place).decode()

    def seal(self, content: bytes, place: str) -> bytes:
        """Cell of some bytes at their place."""
        key_id = max(self.fields)
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.fields[key_id]).encrypt(nonce, content, place.encode())
        return bytes((VERSION, key_id)) + nonce + sealed

    def unseal(self, cell: bytes, place: str) -> bytes:
        """Bytes of a cell; InvalidTag when cell or place was changed."""
        nonce, sealed = cell[2 : 2 + NONCE], cell[2 + NONCE :]
        return AESGCM(self.fields[cell[1]]).decrypt(nonce, sealed, place.encode())

    def digest(self, content: bytes) -> bytes:
        """Keyed digest: content of little entropy cannot be guessed from it."""
        return hmac.new(self.index, content, hashlib.sha256).digest()

    def blind(self, text: str, kind: str) -> str:
        """Blind index of a normalized text, 32 hex characters; equal texts of a kind match."""
        mac = hmac.new(self.index, f"{kind}:{text}".encode(), hashlib.sha256)
        return mac.hexdigest()[:32]


def _numbered(folder: Path, kind: str) -> dict[int, bytes]:
    files = folder.glob(f"{kind}_*")
    return {int(f.name.rpartition("_")[2]): base64.b64decode(f.read_text()) for f in files}


def mask_name(name: str) -> str:
    """符×× : the surname only."""
    return name[:1] + "**" if name else ""


def mask_phone(phone: str) -> str:
    """138****1234."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "*" * len(phone)


def mask_id(number: str) -> str:
    """First and last character only."""
    return (
        f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"
        if len(number) > 2
        else "*" * len(number)
    )
