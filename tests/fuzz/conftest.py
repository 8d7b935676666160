"""A platform of its own: fuzzing leaves odd rules, posts and cases behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import Platform


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A whole platform."""
    folder: Path = tmp_path_factory.mktemp("fuzz")
    running = Platform.prepare(folder / "var")
    running.start()
    yield running
    assert running.stop() == 0
