"""Where files lie: a folder of the one-command run through the port that also speaks to object stores."""

from dataclasses import dataclass

import obstore
from cryptography.exceptions import InvalidTag
from obstore.store import LocalStore, ObjectStore

from kit.secrets import Keyring
from kit.settings import settings


def file_store() -> ObjectStore:
    """The store of this process; whoever puts a file there gives it a path of its own."""
    return LocalStore(settings().var / "files", mkdir=True)


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """Files that lie in a store sealed, each bound to its path."""

    store: ObjectStore
    keyring: Keyring

    async def put(self, path: str, content: bytes) -> None:
        """Keep a file, in place of one that was there."""
        await obstore.put_async(self.store, path, self.keyring.seal(content, path))

    async def read(self, path: str) -> bytes | None:
        """A file; None where the store has lost it or its key is gone."""
        try:
            found = await obstore.get_async(self.store, path)
            return self.keyring.unseal(bytes(await found.bytes_async()), path)
        except (FileNotFoundError, InvalidTag, KeyError):
            return None

    async def remove(self, path: str) -> None:
        """Take a file out, also one that is gone."""
        try:
            await obstore.delete_async(self.store, path)
        except FileNotFoundError:
            return
