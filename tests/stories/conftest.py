"""One platform for all stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.collector import Collector
from tests.neighbors import Neighbors
from tests.platform import Platform
from tests.sink import Authority


@pytest.fixture(scope="session")
def neighbors(authority: Authority) -> Iterator[Neighbors]:
    """An SMS provider and a mail server."""
    with Neighbors(authority) as running:
        yield running


@pytest.fixture(scope="session")
def collector() -> Iterator[Collector]:
    """Where the platform sends its metrics."""
    with Collector() as running:
        yield running


@pytest.fixture(scope="session")
def platform(
    tmp_path_factory: pytest.TempPathFactory,
    authority: Authority,
    neighbors: Neighbors,
    collector: Collector,
) -> Iterator[Platform]:
    """A whole platform, started as a user would and stopped by Ctrl-C."""
    folder: Path = tmp_path_factory.mktemp("platform")
    running = neighbors.prepare(folder / "var", MINZHENG_DEPARTMENT_CA=str(authority.file))
    running.environment |= collector.environment
    with running.serving():
        yield running
