"""The log on three brokers."""

import pytest

from kit.settings import Settings
from tests.real.brokers import Cluster
from tests.real.log.conftest import group, log, replaced_seconds, topic

__all__ = ["group", "log", "replaced_seconds", "topic"]


@pytest.fixture
def broker(cluster: Cluster) -> Cluster:
    """What the log is on."""
    return cluster


@pytest.fixture
def kafka_settings(cluster: Cluster) -> Settings:
    """Settings of its clients."""
    return cluster.config
