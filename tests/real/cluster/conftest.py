"""The log on three brokers, emptied for every test."""

import pytest

from kit.settings import Settings
from tests.real.brokers import Cluster
from tests.real.log.conftest import log, replaced_seconds

__all__ = ["log", "replaced_seconds"]


@pytest.fixture
def broker(cluster: Cluster) -> Cluster:
    """What the log is on."""
    return cluster


@pytest.fixture
def kafka_settings(cluster: Cluster) -> Settings:
    """Settings of its clients."""
    return cluster.config
