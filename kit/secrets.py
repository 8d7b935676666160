"""Field encryption and blind indexes for personal data (P2, P3).

A cell is: version 1, key id, nonce, AES-256-GCM ciphertext; its place (table, column, row) is
authenticated, so cells cannot be swapped. A blind index is HMAC-SHA256 under another key. Keys
are rotated without a restart: `minzheng keys`, `kit.rotation`.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kit.settings import Settings, settings

VERSION = 1
NONCE = 12
KEY = 32
IN_USE = "keys_in_use"
LOOK_SECONDS = 2.0
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Keyring:
    """Keys of this process by id, of fields, blind indexes and the audit trail.

    `in_use` names the one in use by kind; while it names none this is the oldest, so that a new
    key is first known to every process and only then used.
    """

    fields: dict[int, bytes]
    index: dict[int, bytes]
    audit: dict[int, bytes]
    in_use: dict[str, int] = field(default_factory=dict)
    folder: Path | None = None

    @classmethod
    def load(cls, config: Settings | None = None) -> "Keyring":
        """From the secret files `{field,index,audit}_key_<id>` (base64, 32 bytes) and `keys_in_use`.

        OSError or ValueError where a file is missing or no key.
        """
        keyring = cls({}, {}, {}, folder=(config or settings()).secret_folder)
        keyring._read()
        return keyring

    def refresh(self) -> None:
        """Look at the files again; what cannot be read now leaves the keys as they are."""
        try:
            self._read()
        except (OSError, ValueError) as error:
            log.warning("keys cannot be read now: %s", type(error).__name__)

    def _read(self) -> None:
        if self.folder is None:
            return
        file = self.folder / IN_USE
        in_use = json.loads(file.read_text()) if file.exists() else {}
        found = [_numbered(self.folder, kind) for kind in ("field", "index", "audit")]
        if not all(found):
            raise ValueError("a kind of key is missing")
        self.fields, self.index, self.audit = found
        self.in_use = in_use

    def keys(self, kind: str) -> dict[int, bytes]:
        """Keys of a kind by id."""
        return {"field": self.fields, "index": self.index, "audit": self.audit}[kind]

    def used(self, kind: str) -> int:
        """Id of the key in use."""
        known, named = self.keys(kind), self.in_use.get(kind)
        return named if named in known else min(known)

    def key(self, kind: str, key_id: int) -> bytes:
        """The key of an id, new ones included; KeyError for one that was retired or never was."""
        if key_id not in self.keys(kind):
            self.refresh()
        return self.keys(kind)[key_id]

    @property
    def audit_id(self) -> int:
        """Id of the audit key in use."""
        return self.used("audit")

    def mac(self, content: bytes, key_id: int | None = None) -> bytes:
        """MAC of an audit row or checkpoint under the key in use, or an older one."""
        key = self.key("audit", self.audit_id if key_id is None else key_id)
        return hmac.new(key, content, hashlib.sha256).digest()

    def encrypt(self, text: str, place: str) -> bytes:
        """Cell of a text at its place (`table.column:row`)."""
        return self.seal(text.encode(), place)

    def decrypt(self, cell: bytes, place: str) -> str:
        """Text of a cell; cryptography.exceptions.InvalidTag when cell or place was changed."""
        return self.unseal(cell, place).decode()

    def seal(self, content: bytes, place: str) -> bytes:
        """Cell of some bytes at their place."""
        key_id = self.used("field")
        nonce = os.urandom(NONCE)
        sealed = AESGCM(self.fields[key_id]).encrypt(nonce, content, place.encode())
        return bytes((VERSION, key_id)) + nonce + sealed

    def unseal(self, cell: bytes, place: str) -> bytes:
        """Bytes of a cell; InvalidTag when cell or place was changed."""
        nonce, sealed = cell[2 : 2 + NONCE], cell[2 + NONCE :]
        return AESGCM(self.key("field", cell[1])).decrypt(nonce, sealed, place.encode())

    def digest(self, content: bytes) -> bytes:
        """Keyed digest, key id first: content of little entropy cannot be guessed from it."""
        return self._digest(content, self.used("index"))

    def is_digest(self, content: bytes, digest: bytes) -> bool:
        """The digest is of this content, under whichever key it was made."""
        return hmac.compare_digest(self._digest(content, digest[0]), digest)

    def _digest(self, content: bytes, key_id: int) -> bytes:
        mac = hmac.new(self.key("index", key_id), content, hashlib.sha256)
        return bytes((key_id,)) + mac.digest()

    def blind(self, text: str, kind: str) -> list[str]:
        """Blind indexes of a normalized text, `<key id>.<32 hex>`, one for every key there is.

        Equal texts of a kind have one in common, also while the key is being changed.
        """
        content = f"{kind}:{text}".encode()
        macs = {n: hmac.new(key, content, hashlib.sha256) for n, key in sorted(self.index.items())}
        return [f"{key_id}.{mac.hexdigest()[:32]}" for key_id, mac in macs.items()]


def _numbered(folder: Path, kind: str) -> dict[int, bytes]:
    files = folder.glob(f"{kind}_key_*")
    keys = {int(f.name.rpartition("_")[2]): base64.b64decode(f.read_text()) for f in files}
    if any(len(key) != KEY for key in keys.values()):
        raise ValueError(f"a key of kind {kind} has another length")
    return keys


async def follow(keyring: Keyring, stop: asyncio.Event) -> None:
    """Pick up new keys and forget retired ones, every 2 s, until `stop`."""
    while not stop.is_set():
        keyring.refresh()
        try:
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue
