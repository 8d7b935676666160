"""Calls that carry a receipt pass here on their way: the file is kept before a service sees it.

Facts say nothing about files, so this is how the gateway learns that one may be on record. The note
is made first: whatever happens to the call, a file that a service may have taken is never cleaned up.
"""

from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import KeySet
from protobuf import Message

from gateway.calling import Calls
from gateway.channels import Metadata
from gateway.uploads.files import Files
from kit.contracts import Rpc
from kit.errors import Refusal
from kit.receipts import read_receipt

FIELD = "receipt"


@dataclass(frozen=True, slots=True)
class Offering:
    """The services, as `Calls` reaches them."""

    calls: Calls
    files: Files
    keys: KeySet
    _carrying: dict[str, bool] = field(default_factory=dict)

    async def call(self, rpc: Rpc, wire: bytes, metadata: Metadata) -> Message:
        """The answer of a service; a receipt in the request is noted before."""
        if self.carries(rpc):
            request: Any = rpc.request.from_binary(wire)
            await self.note(request.receipt)
        return await self.calls.call(rpc, wire, metadata)

    def carries(self, rpc: Rpc) -> bool:
        """The request of this RPC has a receipt."""
        if rpc.path not in self._carrying:
            fields = rpc.request.desc().fields
            self._carrying[rpc.path] = any(one.local_name == FIELD for one in fields)
        return self._carrying[rpc.path]

    async def note(self, token: str) -> None:
        """Keep the file of a receipt of ours, however old; what is none, the service refuses."""
        try:
            receipt, _ = read_receipt(token, self.keys)
        except Refusal:
            return
        await self.files.offer(receipt)
