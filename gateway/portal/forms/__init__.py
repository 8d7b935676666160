"""Forms from the contract: a form declares label, hint, control and order once per field of a request.

Required, length, pattern, ranges and choices are read from the contract; `read` makes the message of
what was posted and keeps every typed text, `texts_of` goes back, `add_refusal` puts what a service
found at its controls, `show` is what a template takes.
"""

from gateway.portal.forms.answers import Answer, answers, differing
from gateway.portal.forms.declared import Field, Form, Rows
from gateway.portal.forms.faults import Faults, add_refusal, add_violation, of_form
from gateway.portal.forms.reading import Reading, Texts, begun, read, texts_of
from gateway.portal.forms.rows import changed
from gateway.portal.forms.shown import Page, show
from gateway.portal.forms.ways import Control, Way

__all__ = [
    "Answer",
    "Control",
    "Faults",
    "Field",
    "Form",
    "Page",
    "Reading",
    "Rows",
    "Texts",
    "Way",
    "add_refusal",
    "add_violation",
    "answers",
    "begun",
    "changed",
    "differing",
    "of_form",
    "read",
    "show",
    "texts_of",
]
