"""Numbers and choices that differ by place and date, each with its basis document (section 4).

Nobody hard-codes a number of the law: a service states its keys, a case keeps the set that was in
force when it was received.
"""

from kit.data import dictionary
from kit.rules.book import NATION, Bound, Definition, RuleBook, Setting
from kit.rules.pinned import Resolved, RuleSet

__all__ = [
    "NATION",
    "Bound",
    "Definition",
    "Resolved",
    "RuleBook",
    "RuleSet",
    "Setting",
    "dictionary",
]
