"""What a workload does about facts: each has one effect, in the order of its aggregate."""

from kit.reactions.event import Event, NoFact, Undecodable
from kit.reactions.intake import DELAYS, Intake, Outcome, Reaction
from kit.reactions.replay import Parked, parked, replay
from kit.reactions.run import run

__all__ = [
    "DELAYS",
    "Event",
    "Intake",
    "NoFact",
    "Outcome",
    "Parked",
    "Reaction",
    "Undecodable",
    "parked",
    "replay",
    "run",
]
