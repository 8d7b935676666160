"""A form as its template needs it: controls with their texts, limits and faults, nothing to decide."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.portal.forms.declared import Bound, BoundRows, Form
from gateway.portal.forms.faults import Faults
from gateway.portal.forms.reading import Texts, count, row_name
from gateway.portal.forms.rows import new_row
from gateway.portal.forms.ways import Control
from gateway.portal.language import gettext as _


@dataclass(frozen=True, slots=True)
class Shown:
    """A control."""

    name: str
    label: str
    hint: str
    control: Control
    texts: tuple[str, ...]
    fault: str
    optional: bool
    required: bool
    """The contract demands it; what a service demands it says itself."""
    max_length: int | None
    choices: tuple[tuple[str, str], ...]
    autocomplete: str
    unit: str
    focus: bool

    @property
    def text(self) -> str:
        """The one text."""
        return self.texts[0] if self.texts else ""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of a group."""

    place: str
    """Value of the button that drops it, e.g. `form.principals[1]`."""
    number: int
    items: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class ShownRows:
    """A group that repeats."""

    name: str
    label: str
    fault: str
    rows: tuple[ShownRow, ...]
    full: bool
    """No row may be added."""


@dataclass(frozen=True, slots=True)
class Page:
    """A form on a page. `summary`: control and what is wrong with it, in the order of the page."""

    items: tuple[Shown | ShownRows, ...]
    summary: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> Shown | ShownRows:
        """The control or group of a path."""
        return next(item for item in self.items if item.name == name)


def show(form: Form, texts: Texts, faults: Faults | None = None, focus: str = "") -> Page:
    """The form with what was typed and what is wrong; `focus`: control where the person goes on."""
    found = faults or Faults()
    items = tuple(
        group(item, texts, found, focus)
        if isinstance(item, BoundRows)
        else control(item, item.name, texts, found, focus)
        for item in form.items
    )
    return Page(items, tuple(found.in_order(names(items))))


def names(items: Collection[Shown | ShownRows]) -> Iterator[str]:
    """Names in the order of the page."""
    for item in items:
        yield item.name
        for row in item.rows if isinstance(item, ShownRows) else ():
            yield from (one.name for one in row.items)


def group(rows: BoundRows, texts: Texts, faults: Faults, focus: str) -> ShownRows:
    """A group with at least as many rows as it declares."""
    there = count(rows, texts)
    for at in range(there, rows.declared.least):
        texts = texts | new_row(rows, at)
    shown = tuple(
        ShownRow(
            f"{rows.name}[{at}]",
            at + 1,
            tuple(
                control(one, row_name(rows, at, one), texts, faults, focus) for one in rows.fields
            ),
        )
        for at in range(max(there, rows.declared.least))
    )
    full = rows.rules.most is not None and len(shown) >= rows.rules.most
    return ShownRows(rows.name, _(rows.declared.label), faults.at(rows.name), shown, full)


def control(field: Bound, name: str, texts: Texts, faults: Faults, focus: str) -> Shown:
    """A control with its texts."""
    declared = field.declared
    return Shown(
        name=name,
        label=_(declared.label),
        hint=_(declared.hint) if declared.hint else "",
        control=field.control,
        texts=texts.get(name, ()),
        fault=faults.at(name),
        optional=declared.optional,
        required=field.rules.required,
        max_length=field.rules.max_length,
        choices=tuple((code, _(word)) for code, word in field.choices),
        autocomplete=declared.autocomplete,
        unit=_(declared.unit) if declared.unit else "",
        focus=name == focus,
    )
