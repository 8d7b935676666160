"""Hostile files: each refused for its own reason with a sentence, in 2 s and 200 MB at most."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.uploads.hostile_archives import ARCHIVES
from tests.gateway.uploads.hostile_files import FILES
from tests.gateway.uploads.looking import Seen, look

HOSTILE = ARCHIVES | FILES
SECONDS, PEAK = 2.0, 200 * 1024 * 1024


def test_there_are_sixty_and_more() -> None:
    assert len({content for content, _ in HOSTILE.values()}) == len(HOSTILE) >= 60


@pytest.fixture(scope="module")
def seen() -> Mapping[str, Seen]:
    """All of them, several at once: most of the time a child only starts."""
    with ThreadPoolExecutor(4) as several:
        found = several.map(look, (content for content, _ in HOSTILE.values()))
        return dict(zip(HOSTILE, found, strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_refused_for_its_reason(seen: Mapping[str, Seen], name: str) -> None:
    code, one = HOSTILE[name][1], seen[name]
    assert (one.code, one.kept) == (f"upload.{code}", b"")
    assert one.status == (415 if code == "type_refused" else 422)
    assert one.detail.endswith("。")
    assert one.seconds <= SECONDS
    assert one.peak <= PEAK
