"""Rules on PostgreSQL: who sets what, within which bounds, from which day, for which class."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from kit.errors import Refusal
from kit.identity import Caller
from kit.ids import uuid7
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.common.v1.paging_pb import PageRequest
from proto.gen.minzheng.filing.v1 import rules_pb as pb
from tests.filing.service import COMMUNITY, Filing, at
from tests.filing.test_timers import advance

PROVINCE, CITY, COUNTY = "460000000000", "460100000000", "460106000000"
PROV = at(Role.PROV_SO, PROVINCE)
HAIKOU = at(Role.CITY_CA, CITY)
LONGHUA = at(Role.COUNTY_APPROVE, COUNTY)
BASIS = pb.Basis(
    title="龙华区社区社会组织备案细则", document_no="龙民〔2026〕3号", issuer="龙华区民政局",
    issued_on="2026-01-05",
)  # fmt: skip
MEMBERS = "FIL.MEMBERS_MIN.BA_ST"


async def today(filing: Filing, plus: int = 0) -> str:
    return ((await filing.reader.moment()).today + timedelta(days=plus)).isoformat()


async def put(
    filing: Filing, who: Caller = LONGHUA, region: str = COUNTY, plus: int = 0, **fields: Any
) -> Any:
    wanted = {
        "key": MEMBERS, "value": "8", "region_code": region, "basis": BASIS,
        "effective_from": await today(filing, plus),
    }  # fmt: skip
    return await filing.call("SetRule", who, **wanted | fields)


async def bound(filing: Filing, who: Caller = PROV, region: str = PROVINCE, **fields: Any) -> Any:
    wanted = {
        "key": MEMBERS, "lowest": 5, "highest": 20, "region_code": region, "basis": BASIS,
        "effective_from": await today(filing),
    }  # fmt: skip
    return await filing.call("SetRuleBound", who, **wanted | fields)


async def code_of(call: object) -> str:
    with pytest.raises(Refusal) as refused:
        await call  # type: ignore[misc]
    return refused.value.code


async def value(filing: Filing, key: str = MEMBERS, code: str = COMMUNITY, **fields: Any) -> str:
    answer = await filing.call("ListRules", at(Role.ANONYMOUS), region_code=code, **fields)
    found: dict[str, str] = {rule.key: rule.value for rule in answer.rules}
    return found[key]


async def test_a_value_holds_below_its_region_with_its_basis(filing: Filing) -> None:
    assert await value(filing) == "10"
    await put(filing)
    assert await value(filing) == "8"
    assert await value(filing, code="460107001001") == "10", "another district"
    rules = (await filing.call("ListRules", at(Role.ANONYMOUS), region_code=COMMUNITY)).rules
    (found,) = [rule for rule in rules if rule.key == MEMBERS]
    assert (found.basis, found.region.code) == (
        "龙华区民政局《龙华区社区社会组织备案细则》（龙民〔2026〕3号）",
        COUNTY,
    )
    assert found.meaning
    assert found.unit == "persons"


async def test_the_level_of_a_key_says_who_sets_it(filing: Filing) -> None:
    for who, region, key in (
        (PROV, PROVINCE, MEMBERS),
        (LONGHUA, COUNTY, "FIL.LAPSE_DAYS"),
        (HAIKOU, CITY, "FIL.CORRECT_WD"),
    ):
        assert await code_of(put(filing, who, region, key=key)) == "rule.not_this_level"
    assert (await put(filing, PROV, PROVINCE, key="FIL.CORRECT_WD", value="7")).setting.value == "7"
    assert (await put(filing, HAIKOU, CITY, value="9")).setting.value == "9"
    assert await code_of(put(filing, key="REG.PROMISE_WD")) == "rule.not_here"
    assert await code_of(put(filing, key="FIL.NOTHING")) == "rule.unknown_key"


async def test_nobody_sets_rules_elsewhere(filing: Filing) -> None:
    assert await code_of(put(filing, LONGHUA, "460107000000")) == "common.not_found"
    assert await code_of(put(filing, LONGHUA, CITY)) == "common.not_found"
    assert await code_of(put(filing, LONGHUA, "460106004000")) == "rule.level"
    clerk = at(Role.COUNTY_CLERK, COUNTY)
    assert await code_of(put(filing, clerk)) == "common.no_function"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"plus": -1}, "rule.backdated"),
        ({"value": "ten"}, "rule.bad_value"),
        ({"effective_from": "2027-02-30"}, "common.day"),
    ],
)
async def test_a_bad_setting_is_refused(filing: Filing, fields: dict[str, Any], code: str) -> None:
    assert await code_of(put(filing, **fields)) == code
    assert await value(filing) == "10"


async def test_one_value_a_region_class_and_day(filing: Filing) -> None:
    key = str(uuid7())
    assert await put(filing, request_id=key) == await put(filing, request_id=key)
    assert await code_of(put(filing, value="7")) == "rule.duplicate"
    charity = pb.LoweredClass.CHARITY
    await put(filing, value="6", lowered_class=charity)
    assert await value(filing) == "8"
    assert await value(filing, lowered_class=charity) == "6"
    assert await value(filing, lowered_class=pb.LoweredClass.CULTURE) == "8"


async def test_the_province_sets_bounds_and_counties_choose_within(filing: Filing) -> None:
    await bound(filing)
    assert await code_of(put(filing, value="4")) == "rule.out_of_bounds"
    assert await code_of(put(filing, value="21")) == "rule.out_of_bounds"
    await put(filing, value="5")
    assert await code_of(bound(filing, HAIKOU, CITY, lowest=6)) == "rule.bound_contradicted"
    await bound(filing, HAIKOU, CITY, lowest=5, highest=9)
    assert await code_of(put(filing, plus=1, value="10")) == "rule.out_of_bounds"
    assert await code_of(bound(filing, LONGHUA, COUNTY)) == "rule.not_this_level"
    assert await code_of(bound(filing, lowest=9, highest=8)) == "rule.empty_bounds"
    assert await code_of(bound(filing, key="FIL.SHARED_PREMISES")) == "rule.no_number"


async def test_a_value_and_a_bound_of_the_same_moment_do_not_cross(filing: Filing) -> None:
    results = await asyncio.gather(
        bound(filing, lowest=9), put(filing, value="8"), return_exceptions=True
    )
    assert sum(isinstance(result, Refusal) for result in results) == 1, results


async def test_what_has_not_begun_can_be_taken_back(filing: Filing) -> None:
    await put(filing, plus=3)
    about = {
        "key": MEMBERS, "region_code": COUNTY, "effective_from": await today(filing, 3),
    }  # fmt: skip
    await filing.call("WithdrawRule", LONGHUA, **about)
    assert await code_of(filing.call("WithdrawRule", LONGHUA, **about)) == "common.not_found"
    await put(filing, plus=3)
    await advance(3)
    assert await value(filing) == "8"
    assert await code_of(filing.call("WithdrawRule", LONGHUA, **about)) == "rule.in_force"


async def test_the_settings_of_a_key_are_read_by_pages(filing: Filing) -> None:
    for plus in range(5):
        await put(filing, plus=plus)
    seen: list[str] = []
    token = ""
    for _ in range(5):
        page = PageRequest(size=2, token=token)
        answer = await filing.call("ListRuleSettings", at(Role.RESIDENT), key=MEMBERS, page=page)
        seen += [one.effective_from for one in answer.settings]
        token = answer.page.next_token
        if not token:
            break
    assert seen == [await today(filing, plus) for plus in reversed(range(5))]


async def test_a_provincial_holiday_moves_the_due_dates(filing: Filing) -> None:
    before = await filing.draft("暖心")
    first = (await filing.submit(before)).filing.deadlines
    days = [await today(filing, plus) for plus in range(1, 30)]
    await put(filing, PROV, PROVINCE, key="CAL.LOCAL_HOLIDAYS", value=",".join(days))
    second = (await filing.submit(await filing.draft("守望"))).filing.deadlines
    assert date.fromisoformat(second.decide_due) >= date.fromisoformat(first.decide_due)
    assert second.decide_due > days[-1]


async def test_every_change_of_a_rule_has_its_audit_row(filing: Filing) -> None:
    await put(filing)
    await code_of(put(filing, value="4000000000000"))
    rows = await filing.database.pool.fetch(
        "SELECT object_id, outcome FROM kit.audit WHERE action = 'set_rule' ORDER BY id"
    )
    assert [row["outcome"] for row in rows] == ["done", "refused"]
    assert rows[0]["object_id"] == MEMBERS
