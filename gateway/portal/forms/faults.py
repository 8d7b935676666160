"""Where a violation lands: at the control its path names, also in rows, lists and nested messages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as having

from gateway.portal.forms.declared import Bound, BoundRows, Form
from gateway.portal.language import gettext as _
from gateway.portal.named import OF_CONTRACT
from gateway.portal.wording import about, together, worded
from kit.errors import Refusal, Violation

PLACE = re.compile(r"\[(\d+)\]")
PART = re.compile(r"\.?[^.\[\]]+|\[\d+\]")
WHOLE = ""
"""Name for what belongs to the form as a whole."""


@dataclass
class Faults:
    """Sentences by control, in the order they were found."""

    by_name: dict[str, list[str]] = having(default_factory=dict)

    def add(self, name: str, sentence: str) -> None:
        """One more sentence, said once."""
        told = self.by_name.setdefault(name, [])
        if sentence not in told:
            told.append(sentence)

    def at(self, name: str) -> str:
        """All sentences of a control; empty for none."""
        return together(self.by_name.get(name, ()))

    def __bool__(self) -> bool:
        return bool(self.by_name)

    def in_order(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Control and sentences as the controls stand on the page, the form as a whole first."""
        order = {name: at for at, name in enumerate(names)}
        for name in sorted(self.by_name, key=lambda name: order.get(name, -1)):
            yield name, self.at(name)


def add_refusal(form: Form, faults: Faults, refusal: Refusal) -> None:
    """The violations of a refusal, or its one sentence where it names no field."""
    for violation in refusal.violations:
        add_violation(form, faults, violation, predicate=refusal.code == OF_CONTRACT)
    if not refusal.violations:
        faults.add(WHOLE, worded(refusal.detail))


def add_violation(
    form: Form, faults: Faults, violation: Violation, *, predicate: bool = False
) -> None:
    """Put a violation where its path leads; `predicate`: its sentence wants the label before it."""
    name, item = home(form, violation.field)
    below = PLACE.search(violation.field, len(name)) if item is not None else None
    spot = _("第 %(at)s 项") % {"at": int(below[1]) + 1} if below else ""
    if item is not None and predicate:
        sentence = about(item.declared.label, violation.message, spot)
    else:
        sentence = f"{spot}{_('：') if spot else ''}{worded(violation.message)}"
    faults.add(name, f"{in_row(form, name)}{sentence}")


def in_row(form: Form, name: str) -> str:
    """Which row a control stands in, e.g. 负责人 2："""
    at = PLACE.search(name)
    rows = form.index.get(name[: at.start()]) if at else None
    if not at or not rows:
        return ""
    return _("%(rows)s %(at)s：") % {"rows": _(rows.declared.label), "at": int(at[1]) + 1}


def of_form(form: Form, violations: Iterable[Violation]) -> list[Violation]:
    """The violations that belong to this form's fields."""
    return [one for one in violations if home(form, one.field)[1] is not None]


def home(form: Form, path: str) -> tuple[str, Bound | BoundRows | None]:
    """The control a path names, or the nearest one around it; the whole form where there is none."""
    parts = PART.findall(path)
    for length in range(len(parts), 0, -1):
        name = "".join(parts[:length])
        item = form.index.get(PLACE.sub("[]", name))
        if item is not None:
            return item.name if name == item.declared.path else name, item
    return WHOLE, None
