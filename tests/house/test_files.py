"""Files stay small, speak of the project alone, and name no machine."""

import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST, MEDIAN = 300, 90
CODE = (".py", ".sql", ".js", ".css", ".html", ".sh")
"""What is held short; a contract is one file a service."""
HOSTS = "|".join(re.escape(host) for host in ("pypi" + ".org", "files.pythonhosted" + ".org", "registry.npmjs" + ".org", "proxy.golang" + ".org"))  # fmt: skip
FORBIDDEN = {
    "registry host": re.compile(HOSTS),
    "path of a machine": re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users)/"),
    "word of a workplace": re.compile(
        r"\b(?:LLM|Claude|Anthropic|subagent|co-authored-by)\b", re.IGNORECASE
    ),
    "British spelling": re.compile(
        r"\b(?:(?:organ|author|normal|recogn|initial|serial|summar)is[aei]"
        r"|colour|behaviour|favour|catalogue|centre\b|licence\b)",
        re.IGNORECASE,
    ),
}


def tracked() -> list[Path]:
    """Files git knows, but generated code."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [
        ROOT / name
        for name in names.splitlines()
        if not name.startswith("proto/gen/") and (ROOT / name).exists()
    ]


def length(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def test_no_file_is_long() -> None:
    long = [
        f"{file.relative_to(ROOT)}: {length(file)}"
        for file in tracked()
        if file.suffix in CODE and length(file) > MOST
    ]
    assert long == []


def test_the_median_file_is_a_page() -> None:
    product = [
        length(file)
        for file in tracked()
        if file.suffix == ".py"
        and file.relative_to(ROOT).parts[0] in ("kit", "services", "gateway")
    ]
    assert 40 <= statistics.median(product) <= MEDIAN


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_speaks_of_the_workplace(what: str) -> None:
    texts = {".py", ".md", ".toml", ".sql", ".proto", ".json", ".yaml", ".txt", ".in", ""}
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for file in tracked()
        if file.suffix in texts and file.name != Path(__file__).name
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == []


def test_requirements_are_pinned_and_hashed() -> None:
    for file in ROOT.glob("requirements*.txt"):
        text = file.read_text(encoding="utf-8")
        pins = re.findall(
            r"^[a-z0-9][\w.-]*(?:\[[\w,]+\])?==\S+(?: ;[^\n]*?)? \\\n +--hash=sha256:",
            text,
            re.MULTILINE,
        )
        names = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,]+\])?==", text, re.MULTILINE)
        assert len(pins) == len(names) > 0, file.name
        assert "://" not in re.sub(r"#.*", "", text), file.name
