"""A part of the memory is for the database's pages: of the machine's, or of the container's."""

from pathlib import Path

import pytest

from kit.embedded.memory import LIMITS, MB, buffers, memory


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(512, "64MB"), (2048, "128MB"), (4096, "256MB")],
)
def test_a_sixteenth_of_what_the_container_may_use(
    tmp_path: Path, limit: int, expected: str
) -> None:
    file = tmp_path / "memory.max"
    file.write_text(f"{limit * MB}\n")
    assert buffers((tmp_path / "absent", file)) == expected


def test_without_a_limit_it_is_the_machine(tmp_path: Path) -> None:
    endless = tmp_path / "memory.max"
    endless.write_text("max\n")
    assert memory((endless,)) == memory(()) >= memory(LIMITS) > 0
    assert 64 <= int(buffers((endless,)).removesuffix("MB")) <= 1024
