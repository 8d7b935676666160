"""Writes what many attempts have to record together: what comes while one batch is written is the next.

There is no waiting window: a piece alone is written at once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Piece = TypeVar("Piece")


class Unwritten(Exception):
    """Whoever wrote the batch failed, and told why."""


@dataclass
class Batch(Generic[Piece]):
    """Pieces that are written with one statement."""

    pieces: list[Piece] = field(default_factory=list)
    written: bool = False


@dataclass
class Together(Generic[Piece]):
    """Many writers, one statement at a time."""

    write: Callable[[Sequence[Piece]], Awaitable[None]]
    next: Batch[Piece] = field(default_factory=Batch, init=False)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def add(self, piece: Piece) -> None:
        """Return when the piece is written. Raises what writing raised, Unwritten at the others of its batch."""
        batch = self.next
        batch.pieces.append(piece)
        async with self.turn:
            if batch is self.next:
                self.next = Batch()
                await self.write(batch.pieces)
                batch.written = True
        if not batch.written:
            raise Unwritten
