"""Numbers and choices that differ by place and date, each with its basis document (section 4).

Nobody hard-codes a number of the law: a service states its keys, a case keeps the set that was in
force when it was received.
"""

from kit.data import dictionary
from kit.rules.book import RuleBook
from kit.rules.bounds import NUMBERS, Bound, binding, outside
from kit.rules.pinned import Resolved, RuleSet
from kit.rules.settings import NATION, Definition, Setting

__all__ = [
    "NATION",
    "NUMBERS",
    "Bound",
    "Definition",
    "Resolved",
    "RuleBook",
    "RuleSet",
    "Setting",
    "binding",
    "dictionary",
    "outside",
]
