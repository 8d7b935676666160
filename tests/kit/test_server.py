"""What a process refuses to start with."""

import pytest

from kit.database import connect
from kit.server import refuse_embedded, refuse_moved_clock
from kit.settings import settings
from tests.conftest import Workload


async def test_production_refuses_a_moved_clock(
    workload: Workload, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await workload("filing")
    await refuse_moved_clock(database)
    owner = await connect("filing", "owner")
    await owner.execute("UPDATE kit.clock SET shift_days = 3")
    await owner.close()
    await refuse_moved_clock(database)
    monkeypatch.setattr(settings(), "profile", "production")
    with pytest.raises(RuntimeError, match="moved by 3 days"):
        await refuse_moved_clock(database)


@pytest.mark.parametrize(
    ("events", "sign_on", "wrong"),
    [("embedded", "keycloak", "events"), ("kafka", "embedded", "sign_on")],
)
def test_production_refuses_the_parts_of_the_one_command_run(
    monkeypatch: pytest.MonkeyPatch, events: str, sign_on: str, wrong: str
) -> None:
    monkeypatch.setattr(settings(), "events", events)
    monkeypatch.setattr(settings(), "sign_on", sign_on)
    refuse_embedded()
    monkeypatch.setattr(settings(), "profile", "production")
    with pytest.raises(RuntimeError, match=f"MINZHENG_{wrong.upper()}"):
        refuse_embedded()
    monkeypatch.setattr(settings(), wrong, "kafka" if wrong == "events" else "keycloak")
    refuse_embedded()
