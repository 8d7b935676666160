"""A platform of its own: fuzzing leaves odd rules, posts and cases behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import Platform
from tests.sink import Authority


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Platform]:
    """A whole platform."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    running = Platform.prepare(
        folder / "var", MINZHENG_DEPARTMENT_CA=str(authority.file), MINZHENG_QUIET_HOURS=""
    )
    with running.serving():
        yield running
