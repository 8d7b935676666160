"""Sentences of refusals, read from the code that refuses, so that `make words` can ask for their English.

A sentence is a Chinese literal that ends as one. What an f-string fills in is a numbered place
(`成员不得少于{0}名。`); what it fills in by literals alone makes a sentence each.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path

from gateway.problems import of_kind
from kit.errors import Kind

ROOT = Path(__file__).parents[2]
FOLDERS = ("kit", "gateway", "services")
OTHERS = (
    "kit/backup", "kit/cli", "kit/embedded", "kit/press", "gateway/demo", "gateway/openapi",
    "gateway/api_page.py", "gateway/seed.py", "gateway/uploads/openapi.py",
    "services/notifications/domain/templates",
    *(f"services/filing/domain/letters/{one}.py" for one in (
        "acceptance", "application", "correction", "letter", "pledge", "receipt", "refusal", "words",
    )),
)  # fmt: skip
"""What speaks to others than the pages: commands, the description of the API, letters, messages."""
PHRASES = (
    "gateway/uploads/inspection", "gateway/uploads/sandbox.py", "gateway/posts/places.py",
    "gateway/subscriptions/delivering/worker.py", "kit/rules/book.py",
    "services/filing/domain/guide.py", "services/filing/domain/requirements.py",
)  # fmt: skip
"""Whose every Chinese literal is a sentence or goes into one of another function."""
HAN = re.compile("[\u4e00-\u9fff]")
PLACE = re.compile(r"\{\d*\}")
TRANSLATED = ("_", "gettext", "ngettext")
LONGEST = 120
"""What is longer is a document."""
Pieces = tuple[str | None, ...]
"""Texts of a sentence in order; None is a place."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sentences() -> Iterator[str]:
    """Every sentence and phrase, and what a kind of refusal says by itself."""
    yield from (of_kind(kind).detail for kind in Kind)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(OTHERS):
                module = Module(ast.parse(path.read_text(encoding="utf-8")))
                yield from module.sentences(phrases=name.startswith(PHRASES))


@dataclass
class Module:
    """One source."""

    tree: ast.Module
    found: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    def sentences(self, *, phrases: bool) -> list[str]:
        """Its sentences; with its phrases where those count."""
        self.walk(self.tree, None)
        told = [one for one in self.found if one.endswith("。") or phrases]
        return [*self.titles, *(one for one in told if len(one) <= LONGEST)]

    @cached_property
    def functions(self) -> dict[str, Function]:
        """Its own functions."""
        return {one.name: one for one in self.tree.body if isinstance(one, Function)}

    def walk(self, node: ast.AST, inside: Function | None) -> None:
        """Note the literals below a node, but those that have their English where they stand."""
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Call(func=ast.Name(id=name)) if name in TRANSLATED:
                return
            case ast.JoinedStr() | ast.Constant(value=str()):
                self.found += filter(tells, map(template, self.ways(node, inside)))
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                inside = node
            case ast.Call(func=ast.Name(id="Problem"), args=[_, _, title, *_]):
                self.titles += filter(tells, map(template, self.ways(title, inside)))
        for below in ast.iter_child_nodes(node):
            self.walk(below, inside)

    def ways(self, node: ast.AST, inside: Function | None) -> list[Pieces]:
        """What an expression can be; one place where the source does not tell."""
        match node:
            case ast.Constant(value=str(text)):
                return [cut(text)]
            case ast.JoinedStr(values=values):
                every = product(*(self.ways(one, inside) for one in values))
                return [tuple(piece for way in ways for piece in way) for ways in every]
            case ast.FormattedValue(value=value):
                return self.ways(value, inside)
            case ast.IfExp(body=body, orelse=orelse):
                return self.ways(body, inside) + self.ways(orelse, inside)
            case ast.Name(id=name) if inside and len(given := assigned(inside, name)) == 1:
                return self.ways(given[0], None)
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                returned = answers(self.functions[name])
                return [way for one in returned for way in self.ways(one, None)]
        return [(None,)]


def cut(text: str) -> Pieces:
    """A literal as pieces, also one that `str.format` fills in."""
    texts = PLACE.split(text)
    return (texts[0], *(piece for one in texts[1:] for piece in (None, one)))


def template(pieces: Pieces) -> str:
    """A sentence with its places numbered."""
    places = iter(range(len(pieces)))
    return "".join(f"{{{next(places)}}}" if piece is None else piece for piece in pieces)


def tells(template: str) -> bool:
    """Chinese enough to be known again."""
    return len(HAN.findall(template)) > 1


def assigned(function: Function, name: str) -> Sequence[ast.expr]:
    """What a function puts under a name."""
    return [
        one.value
        for one in ast.walk(function)
        if isinstance(one, ast.Assign)
        and [target.id for target in one.targets if isinstance(target, ast.Name)] == [name]
    ]


def answers(function: Function) -> Sequence[ast.expr]:
    """What a function returns."""
    found = (one.value for one in ast.walk(function) if isinstance(one, ast.Return))
    return [one for one in found if one is not None]
