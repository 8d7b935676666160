"""What the calendar and the press move on without anybody asking."""

from services.filing.timers.cases import DueCases, due_step
from services.filing.timers.exports import Exporting
from services.filing.timers.letters import Printing

__all__ = ["DueCases", "Exporting", "Printing", "due_step"]
