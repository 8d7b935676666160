"""Every message and enum value of the contracts has its row where Chinese meets English."""

from kit.contracts import files
from tests.house.test_files import ROOT

ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]
NAMED = {row[1].strip("`"): row[0] for row in ROWS}


def chinese(text: str) -> bool:
    return any("一" <= sign <= "鿿" for sign in text)


def test_messages_have_a_row() -> None:
    wanted = [
        m.type_name
        for file in files()
        for m in file.messages
        if not m.name.endswith(("Request", "Response"))
    ]
    assert [name for name in wanted if not chinese(NAMED.get(name, ""))] == []


def test_values_have_a_row() -> None:
    wanted = [value.name for file in files() for enum in file.enums for value in enum.values]
    assert [name for name in wanted if not chinese(NAMED.get(name, ""))] == []
