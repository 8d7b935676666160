"""One platform for all stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform import Platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A whole platform, started as a user would and stopped by Ctrl-C."""
    folder: Path = tmp_path_factory.mktemp("platform")
    running = Platform.prepare(folder / "var")
    running.start()
    yield running
    assert running.stop() == 0
