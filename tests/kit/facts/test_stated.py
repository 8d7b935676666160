"""What may be stated as a fact, and what fails loudly."""

import pytest
from asyncpg import UniqueViolationError

from proto.gen.minzheng.filing.v1.filing_pb import FilingSummary
from tests.kit.facts.helpers import state, submitted


async def test_a_version_stated_twice_fails_loudly(database):
    await state(database, submitted("org", 1))
    with pytest.raises(UniqueViolationError):
        await state(database, submitted("org", 1))


@pytest.mark.parametrize(
    "message", [submitted("", 1), submitted("org", 0), FilingSummary(filing_id="f")]
)
async def test_what_names_no_aggregate_or_version_is_no_fact(database, message):
    with pytest.raises(ValueError, match="no aggregate"):
        await state(database, message)
