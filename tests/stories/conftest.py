"""One platform for all stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.sink import Authority


@pytest.fixture(scope="session")
def neighbors(authority: Authority) -> Iterator[Neighbors]:
    """An SMS provider and a mail server."""
    with Neighbors(authority) as running:
        yield running


@pytest.fixture(scope="session")
def platform(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, neighbors: Neighbors
) -> Iterator[Platform]:
    """A whole platform, started as a user would and stopped by Ctrl-C."""
    folder: Path = tmp_path_factory.mktemp("platform")
    running = neighbors.prepare(folder / "var", MINZHENG_DEPARTMENT_CA=str(authority.file))
    with running.serving():
        yield running
