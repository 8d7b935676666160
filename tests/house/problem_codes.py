"""gateway/openapi/codes.json: every code a refusal may carry, read from the code that refuses.

python -m tests.house.problem_codes      # writes gateway/openapi/codes.json
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kit.errors import Kind
from tests.house.policy import ROOT

DOCUMENT = ROOT / "gateway/openapi/codes.json"
FOLDERS = ("kit", "gateway", "services")
CODE = re.compile(r"[a-z]+\.[a-z_]+")
MAKERS = {
    "invalid": Kind.INVALID.http, "conflict": Kind.CONFLICT.http,
    "forbidden": Kind.FORBIDDEN.http, "Refusal": 0, "Problem": 0,
}  # fmt: skip
"""Calls that make a refusal and its status; 0 where the first argument tells it."""


@dataclass(frozen=True, order=True)
class Told:
    """One code, the status it travels under and what a person reads."""

    code: str
    status: int
    detail: str


def told() -> list[Told]:
    """Every code; where several places use one, the first sentence by the alphabet."""
    found: dict[str, Told] = {}
    sources = sorted(path for name in FOLDERS for path in (ROOT / name).rglob("*.py"))
    for path in sources:
        for one in of_module(ast.parse(path.read_text(encoding="utf-8"))):
            found[one.code] = min(one, found.get(one.code, one))
    for kind in Kind:
        code = f"common.{kind.wire}"
        found.setdefault(code, Told(code, kind.http, f"{kind.title}。"))
    return sorted(found.values())


def of_module(tree: ast.Module) -> Iterator[Told]:
    """Codes of a module, also those handed to a function of its own that refuses by `code`."""
    local = dict(passing(tree))
    for call in calls(tree):
        name = called(call)
        if name in local:
            yield from of_call(call, local[name])
        elif name in MAKERS:
            yield from of_call(call, call)


def passing(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Functions that take a code and refuse with it."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef) and function.name not in MAKERS:
            for call in calls(function):
                names = [arg.id for arg in call.args if isinstance(arg, ast.Name)]
                if called(call) in MAKERS and "code" in names:
                    yield function.name, call


def of_call(call: ast.Call, maker: ast.Call) -> Iterator[Told]:
    """The code a call names; status and sentence are those of the maker."""
    code = next((text for text in map(text_of, call.args) if CODE.fullmatch(text)), None)
    if code is not None:
        yield Told(code, status_of(maker), sentence_of((*call.args, *maker.args)))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call inside."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """Name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def status_of(maker: ast.Call) -> int:
    """Status of a maker: its own, or that of its first argument; 0 where only the run tells."""
    match maker.args[0]:
        case ast.Attribute(attr=name) if name in Kind.__members__:
            return Kind[name].http
        case ast.Constant(value=int(status)):
            return status
    return MAKERS[called(maker)]


def sentence_of(arguments: tuple[ast.expr, ...]) -> str:
    """The last plain Chinese text among the arguments; what is filled in shows as …."""
    texts = [text for text in map(text_of, arguments) if re.search(r"[一-鿿]", text)]
    return texts[-1] if texts else "说明因情况而定。"


def text_of(node: ast.expr) -> str:
    """Literal text of an argument."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "…" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def document() -> str:
    """The whole file."""
    rows = {one.code: {"status": one.status, "detail": one.detail} for one in told()}
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
