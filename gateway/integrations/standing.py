"""Transports that hand nothing over: the outbox of a run without far ends, and a way that is not there."""

from dataclasses import dataclass

from gateway.integrations.letter import Kind, Letter, Verdict

OUTBOX = Verdict(Kind.KEPT)
"""Nothing is sent; `GET /api/v1/dispatches` shows what would have been."""
NO_WAY = Verdict(Kind.PERMANENT, "NO_CHANNEL")
"""Production without this way."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Answers every letter alike and hands none over."""

    verdict: Verdict
    patience: float = 0.0

    async def send(self, letter: Letter) -> Verdict:
        """The verdict."""
        return self.verdict

    async def close(self) -> None:
        """Nothing is open."""
