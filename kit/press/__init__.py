"""The press: official papers (`kit.papers`) as PDF/A and as DOCX, set by a child process with bounds.

The same paper in the same edition gives the same bytes. Texts arrive as data, never as markup.
"""

from kit.press.editions import EDITION
from kit.press.press import Press, Printed, PrintingFailed

__all__ = ["EDITION", "Press", "Printed", "PrintingFailed"]
