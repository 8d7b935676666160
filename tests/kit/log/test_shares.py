import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.log.headers import headers_of, headers_text
from kit.log.members import share
from kit.log.partition import murmur2, partition_of
from kit.log.port import Record, RecordRefused, refusals

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.partitioner.default import murmur2 as kafka_murmur2


@given(st.binary(max_size=80))
def test_murmur2_is_kafkas(data):
    assert murmur2(data) == kafka_murmur2(data) & 0xFFFFFFFF


@pytest.mark.parametrize("key", ["", "a", "0190b1a2-登记"])
def test_a_key_lands_where_kafka_puts_it(key):
    expected = (kafka_murmur2(key.encode()) & 0x7FFFFFFF) % 6
    assert partition_of(key, 6) == expected


@given(st.integers(1, 40), st.integers(1, 12))
def test_shares_cover_all_once_and_differ_by_one_at_most(partitions, members):
    shares = [share(partitions, members, place) for place in range(members)]
    assert sorted(n for one in shares for n in one) == list(range(partitions))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(st.lists(st.tuples(st.text(), st.binary())))
def test_headers_survive(headers):
    record = Record("k", b"", tuple(headers))
    assert headers_of(headers_text(record)) == record.headers


def test_a_refused_record_holds_back_its_key_only():
    big = bytes(1_000_001)
    records = [Record("a", b"1"), Record("a", big), Record("b", b"2"), Record("a", b"3")]
    assert [type(r) for r in refusals(records)] == [
        type(None), RecordRefused, type(None), RecordRefused,
    ]  # fmt: skip
