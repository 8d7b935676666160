"""A token below the floor of its account is refused, in every workload, for as long as one can live."""

import asyncio
from types import SimpleNamespace

import pytest

from kit import floors
from kit.errors import Kind, Refusal
from kit.floors import Floors, raise_floor, raise_floors
from kit.identity import Caller
from kit.interceptor import Door
from kit.server import Service
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1.posts_pb import PostChanged


def changed(account: str, version: int) -> PostChanged:
    return PostChanged(account=account, fact_version=version, grants_version=version)


@pytest.fixture
async def known(workload) -> Floors:
    return Floors(await workload("filing"))


async def raised(known: Floors, *facts: PostChanged) -> dict[str, int]:
    async with known.database.transaction() as connection:
        await raise_floors(connection, [(fact, None) for fact in facts])
    await known.refresh()
    return known.lowest


async def test_a_fact_raises_the_floor_and_an_older_one_lowers_nothing(known) -> None:
    assert await raised(known, changed("anna", 2), changed("bert", 1)) == {"anna": 2, "bert": 1}
    assert await raised(known, changed("anna", 3), changed("anna", 1)) == {"anna": 3, "bert": 1}
    async with known.database.transaction() as connection:
        await raise_floor(connection, changed("bert", 5), None)
    await known.refresh()
    assert known.lowest["bert"] == 5


async def test_a_floor_is_forgotten_when_no_older_token_lives(known) -> None:
    await raised(known, changed("anna", 2))
    for seconds, left in ((floors.REMEMBERED - 20, {"anna": 2}), (floors.REMEMBERED + 1, {})):
        aged = f"UPDATE kit.floor SET raised_at = clock_timestamp() - interval '{seconds} seconds'"
        await known.database.pool.execute(aged)
        await known.refresh()
        assert known.lowest == left


async def test_another_process_learns_of_it(known) -> None:
    other, stop = Floors(known.database), asyncio.Event()
    task = asyncio.create_task(other.run(stop))
    await raised(known, changed("anna", 2))
    async with asyncio.timeout(20):
        while other.lowest.get("anna") != 2:  # noqa: ASYNC110 - the poll is what is tested
            await asyncio.sleep(0.01)
    stop.set()
    await task


def door(lowest: dict[str, int], version: int) -> Door:
    who = Caller("anna", Role.TOWN_CLERK, grants_version=version)
    verifier = SimpleNamespace(verify=lambda *_, **__: who)
    return Door(verifier, None, lowest)  # type: ignore[arg-type]


def admitted(made: Door) -> Caller:
    rpc = SimpleNamespace(path="/x", access=SimpleNamespace(fresh=False))
    return made._caller(rpc, b"", {"authorization": "Bearer x"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lowest", "version"), [({}, 0), ({"anna": 2}, 2), ({"anna": 2}, 3), ({"bert": 9}, 0)]
)
def test_a_token_at_its_floor_passes(lowest, version) -> None:
    assert admitted(door(lowest, version)).subject == "anna"


def test_a_token_below_its_floor_is_stale() -> None:
    with pytest.raises(Refusal) as refusal:
        admitted(door({"anna": 2}, 1))
    assert (refusal.value.kind, refusal.value.code) == (Kind.UNAUTHENTICATED, "common.stale_grants")


def test_a_service_reacts_by_being_a_service() -> None:
    bare = Service("any", servicers=lambda _: ())
    reacting = {reaction.fact for reaction in bare.all_reactions(None)}  # type: ignore[arg-type]
    assert reacting == {PostChanged}
