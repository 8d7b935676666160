"""The contracts pass buf's rules, and a breaking or uncommented change does not."""

import subprocess
import sys
from pathlib import Path

import pytest

from proto.generate import generate
from tests.house.test_files import ROOT

BUF = Path(sys.executable).parent / "buf"
RELEASED = ROOT / "proto/released.binpb"
PLANTED = "minzheng/common/v1/region.proto"


def buf(image: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run buf over our files of an image."""
    config = ("--config", str(ROOT / "proto/buf.yaml"), "--path", "minzheng")
    arguments = [str(BUF), command[0], str(image), *command[1:], *config]
    return subprocess.run(arguments, cwd=image.parent, capture_output=True, text=True)


def image_with(tmp_path: Path, old: str, new: str) -> Path:
    """The image of the contracts after a change of one of them."""
    for file in (ROOT / "proto").glob("minzheng/**/*.proto"):
        copy = tmp_path / "source" / file.relative_to(ROOT / "proto")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    planted = tmp_path / "source" / PLANTED
    text = planted.read_text(encoding="utf-8")
    assert old in text
    planted.write_text(text.replace(old, new), encoding="utf-8")
    generate(tmp_path / "source", tmp_path / "gen")
    return tmp_path / "gen/contracts.binpb"


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("string full_name = 3;", "", 'field "3" with name "full_name"'),
        ("string full_name = 3;", "int32 full_name = 3;", 'changed type from "string"'),
        ("string full_name = 3;", "string full_name = 4;", 'field "3" with name "full_name"'),
    ],
)
def test_a_breaking_change_is_noticed(tmp_path: Path, old: str, new: str, finding: str) -> None:
    result = buf(image_with(tmp_path, old, new), "breaking", "--against", str(RELEASED))
    assert result.returncode != 0
    assert finding in result.stdout


def test_an_additive_change_breaks_nothing(tmp_path: Path) -> None:
    new = "string full_name = 3;\n  // More.\n  string more = 4;"
    image = image_with(tmp_path, "string full_name = 3;", new)
    result = buf(image, "breaking", "--against", str(RELEASED))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("  // 12-digit code.\n", "", "non-empty comment"),
        ("string full_name", "string fullName", "lower_snake_case"),
    ],
)
def test_lint_notices(tmp_path: Path, old: str, new: str, finding: str) -> None:
    result = buf(image_with(tmp_path, old, new), "lint")
    assert result.returncode != 0
    assert finding in result.stdout
