"""Outside production no real person is written to: addresses must be ones that nobody can have."""

import logging
import re
from dataclasses import dataclass

from gateway.integrations.letter import Kind, Letter, Transport, Verdict

SYNTHETIC = re.compile(
    r"120[0-9]{8}"  # no mobile number of the country begins so
    r"|[^\s@]+@(?:[a-z0-9-]+\.)*(?:example\.(?:com|net|org)|(?:[a-z0-9-]+\.)(?:example|invalid|test))"
)
"""Numbers and domains (RFC 2606, RFC 6761) that are never given out."""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SyntheticOnly:
    """A transport that refuses every address a person could have."""

    inner: Transport

    @property
    def patience(self) -> float:
        """That of the transport."""
        return self.inner.patience

    async def send(self, letter: Letter) -> Verdict:
        """Hand over to nobody real."""
        if not SYNTHETIC.fullmatch(letter.address):
            log.error("dispatch %s refused: its address looks real", letter.dispatch_id)
            return Verdict(Kind.PERMANENT, "NOT_SYNTHETIC")
        return await self.inner.send(letter)

    async def close(self) -> None:
        """Close the transport."""
        await self.inner.close()
