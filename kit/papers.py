"""Official papers (公文) as plain data: what is said; `kit.press` sets it in type, as PDF and as DOCX."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, first line set in."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Heading of the first level (黑体)."""

    heading: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equal length; `widths` are shares of the line.

    With `header` the first row heads the columns, without one every other cell is a label.
    """

    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    header: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A new page with a title of its own (附件, 备案卡)."""

    page: str


Block = Paragraph | Heading | Table | Page


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of GB/T 9704. What is empty is not printed."""

    title: str
    blocks: tuple[Block, ...]
    head: str = ""
    """Issuer in the red head: only on what is issued."""
    number: str = ""
    """Issuing number with hexagonal brackets: 大同社备〔2026〕1号."""
    addressee: str = ""
    signer: str = ""
    signed_on: str = ""
    """Day in Arabic numerals: 2026年3月18日."""
    code: str = ""
    """Verification code, at the foot of every page."""
    check: str = ""
    """Address of the page that checks the code; the QR code leads there."""
    annex: tuple[Block, ...] = ()
    """What follows the signature, on pages of its own."""
    form: str = ""
    """Form and edition at the foot: BA-05 2026-01."""
