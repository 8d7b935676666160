"""The management tree of Hainan against the tables, and a planted table with validity."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from kit import data
from kit.errors import Kind, Refusal
from kit.regions import Level, Node, Tree, hainan, tree_from

TODAY = date(2026, 3, 2)
PROVINCE = "460000000000"
ROWS = {row["code"]: row for row in data.rows("hainan_divisions.csv")}
NODES = [hainan().get(code) for code in ROWS]
COMMUNITIES = [node for node in NODES if node.level is Level.COMMUNITY]
TOWNS = [node for node in NODES if node.level is Level.TOWNSHIP]
REAL = [node for node in COMMUNITIES if not node.placeholder]

with (Path(__file__).parent / "data" / "hainan_division_counts.csv").open(encoding="utf-8") as file:
    COUNTS = list(csv.DictReader(file))


def refused(tree: Tree, code: str, on: date = TODAY) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        tree.filing_authority(code, on)
    assert caught.value.kind is Kind.INVALID
    return caught.value.code, caught.value.detail


@pytest.mark.parametrize("row", COUNTS, ids=lambda row: row["name"])
def test_counts_of_every_management_unit(row: dict[str, str]) -> None:
    code = row["mgmt_county_code"]
    mine = [n for n in COMMUNITIES if code == "TOTAL" or f"/{code}/" in n.path]
    towns = [n for n in TOWNS if code == "TOTAL" or f"/{code}/" in n.path]
    urban = Counter(node.urban for node in mine)
    assert len(towns) == int(row["township_level_total"]) - int(row["开发区"])
    assert len(mine) == int(row["village_level_total"])
    assert urban[True] == int(row["urban_communities"])
    assert urban[False] == int(row["rural_communities"])
    assert sum(node.placeholder for node in mine) == int(row["虚拟占位"])
    assert urban[True] * 2 + urban[False] == int(row["talent_target_total"])


def test_county_of_agrees_with_the_table() -> None:
    for node in NODES:
        expected = ROWS[node.code]["mgmt_county_code"]
        if expected and node.level not in (Level.PROVINCE, Level.CITY):
            assert hainan().county_of(node).code == expected


def test_no_county_above_the_counties() -> None:
    with pytest.raises(Refusal, match=r"region\.no_county"):
        hainan().county_of(hainan().get("460100000000"))


def test_paths_skip_placeholders_and_lead_home() -> None:
    for node in NODES:
        chain = hainan().ancestors(node)
        assert chain[0].code == PROVINCE
        assert chain[-1] is node
        assert not any(ancestor.placeholder for ancestor in chain[:-1])
        assert node.path == "/" + "".join(f"{ancestor.code}/" for ancestor in chain)
        assert node.parent == (chain[-2].code if len(chain) > 1 else None)


def test_haikou_has_all_five_levels() -> None:
    node = hainan().get("460106004002")
    assert node.full_name == "海口市龙华区大同街道大同里社区居民委员会"
    assert [ancestor.level for ancestor in hainan().ancestors(node)] == list(Level)
    assert hainan().filing_authority(node.code, TODAY).name == "大同街道"


def test_sanya_files_at_the_district() -> None:
    """No streets or townships there: 150 communities, each directly under one of four districts."""
    sanya = [node for node in COMMUNITIES if "/460200000000/" in node.path]
    assert len(sanya) == 150
    for node in sanya:
        authority = hainan().filing_authority(node.code, TODAY)
        assert authority.level is Level.COUNTY
        assert authority.code == node.parent
    assert hainan().get("460202198001").full_name == "三亚市海棠区永宁社区居委会"


def test_sansha_files_at_its_district() -> None:
    sansha = [node for node in REAL if "/460300000000/" in node.path]
    assert len(sansha) == 8
    assert {hainan().filing_authority(n.code, TODAY).name for n in sansha} == {"西沙群岛"}


def test_danzhou_is_city_and_county_in_one() -> None:
    danzhou = hainan().get("460400000000")
    assert (danzhou.level, danzhou.parent) == (Level.COUNTY, PROVINCE)
    assert hainan().county_of(danzhou) is danzhou
    assert {child.level for child in hainan().children(danzhou.code)} == {Level.TOWNSHIP}


def test_yangpu_is_a_unit_of_its_own() -> None:
    yangpu = hainan().get("460400499000")
    assert (yangpu.level, yangpu.path) == (Level.COUNTY, f"/{PROVINCE}/{yangpu.code}/")
    assert len(hainan().children(yangpu.code)) == 27
    assert hainan().filing_authority("460400499001", TODAY) is yangpu
    assert yangpu not in hainan().children("460400000000")


def test_counties_of_the_province_lie_directly_under_it() -> None:
    names = [child.name for child in hainan().children(PROVINCE)]
    assert len(names) == 20
    assert "省直辖县级行政区划" not in names
    assert hainan().get("469025100000").full_name == "白沙黎族自治县牙叉镇"


def test_a_community_of_the_county_itself() -> None:
    """One community in 五指山 and one in 保亭 have no township."""
    assert hainan().filing_authority("469001198006", TODAY).name == "五指山市"
    assert hainan().filing_authority("469029198001", TODAY).name == "保亭黎族苗族自治县"


def test_units_without_a_named_authority_are_refused() -> None:
    """67 rows of the table: 14 farms and zones with 46 communities and 7 virtual ones."""
    noted = [row for row in ROWS.values() if row["note"].startswith("filing authority to be named")]
    assert len(noted) == 67
    orphans = [node for node in REAL if node.authority is None]
    assert len(orphans) == 46
    for node in orphans:
        code, detail = refused(hainan(), node.code)
        assert code == "region.no_authority"
        assert detail.startswith(node.full_name)


def test_every_other_community_has_an_authority_above_it() -> None:
    for node in REAL:
        if node.authority is not None:
            authority = hainan().filing_authority(node.code, TODAY)
            assert node.path.startswith(authority.path)
            assert not authority.placeholder


def test_placeholders_resolve_but_are_never_shown_or_filed_in() -> None:
    placeholders = [node for node in NODES if node.placeholder]
    assert Counter(node.level for node in placeholders) == {
        Level.CITY: 1,
        Level.TOWNSHIP: 6,
        Level.COMMUNITY: 9,
    }
    shown = {child.code for node in NODES for child in hainan().children(node.code)}
    assert shown == {node.code for node in NODES if not node.placeholder} - {PROVINCE}
    codes = {refused(hainan(), node.code)[0] for node in placeholders}
    assert codes == {"region.placeholder", "region.not_a_community"}


def test_only_communities_are_filed_for() -> None:
    code, detail = refused(hainan(), "460106004000")
    assert code == "region.not_a_community"
    assert detail.startswith("海口市龙华区大同街道不是村（社区）")


def test_unknown_codes() -> None:
    assert refused(hainan(), "110000000000")[0] == "region.unknown"
    assert hainan().find("110000000000") is None
    with pytest.raises(Refusal, match=r"region\.unknown"):
        hainan().children("")


def planted(row: int = 4, **columns: str) -> Tree:
    """海口市 with one town (row 3) and two communities, some columns of a row replaced."""
    picked = [PROVINCE, "460100000000", "460106000000", "460106004000", "460106004002"]
    rows = [dict(ROWS[code], valid_from="", valid_to="", replaced_by="") for code in picked]
    rows.append(dict(rows[-1], code="460106004999", name="新社区居委会", valid_from="2026-01-01"))
    rows[row] |= columns
    return tree_from(rows, data.rows("management_regions.csv")[:1])


def test_validity_is_read_where_the_table_has_it() -> None:
    tree = planted(valid_to="2025-12-31", replaced_by="460106004999")
    assert tree.filing_authority("460106004002", date(2025, 12, 31)).name == "大同街道"
    code, detail = refused(tree, "460106004002", date(2026, 1, 1))
    assert code == "region.not_in_force"
    assert "2026-01-01" in detail
    assert "请改选海口市龙华区大同街道新社区居委会" in detail
    assert refused(tree, "460106004999", date(2025, 12, 31))[0] == "region.not_in_force"
    assert tree.filing_authority("460106004999", date(2026, 1, 1)).code == "460106004000"


def test_an_abolished_authority_files_no_more() -> None:
    code, detail = refused(planted(3, valid_to="2025-12-31"), "460106004002")
    assert code == "region.not_in_force"
    assert detail.startswith("海口市龙华区大同街道在2026-03-02不是现行行政区划，请选择现行地区")


def test_the_tables_load_fast() -> None:
    hainan.cache_clear()
    began = process_time()
    tree = hainan()
    assert process_time() - began < 0.2
    assert isinstance(tree.get(PROVINCE), Node)
