"""What the domain's table expects of every call: written apart from the code that decides."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from proto.gen.minzheng.common.v1.access_pb import Role

DATA = Path(__file__).parents[1] / "filing" / "data"
STATES = (
    "DRAFT", "SUBMITTED", "VILLAGE_REVIEW", "COMPLETENESS", "CORRECTION", "NOTICE_PERIOD",
    "FILED", "REFUSED", "LAPSED", "WITHDRAWN", "RENEW_DUE", "GRADUATED", "EXPIRED",
)  # fmt: skip
ALLOWED, NO_FUNCTION, HIDDEN = "allowed", "no function", "hidden"


@dataclass(frozen=True)
class Situation:
    """How a caller stands to the case: each relation of the table holds or not."""

    name: str
    code: str = ""
    path: str = ""
    applicant: bool = False
    organization: bool = False
    authority: bool = False
    community: bool = False
    below: bool = False


PROVINCE = "/460000000000/"
CITY = PROVINCE + "460100000000/"
COUNTY = CITY + "460106000000/"
STREET = COUNTY + "460106004000/"
PLACE = "460106004002"
SITUATIONS = (
    Situation("the community", PLACE, STREET + PLACE + "/", community=True),
    Situation("a sibling community", "460106004001", STREET + "460106004001/"),
    Situation("the authority", "460106004000", STREET, authority=True, below=True),
    Situation("a sibling street", "460106001000", COUNTY + "460106001000/"),
    Situation("the county", "460106000000", COUNTY, below=True),
    Situation("a sibling county", "460107000000", CITY + "460107000000/"),
    Situation("the city", "460100000000", CITY, below=True),
    Situation("another city", "460200000000", PROVINCE + "460200000000/"),
    Situation("the province", "460000000000", PROVINCE, below=True),
    Situation("a look-alike prefix", "460106000001", CITY + "46010/"),
    Situation("no region"),
    Situation("an unknown region", "999999999999", "/999999999999/"),
    Situation("the applicant", applicant=True),
    Situation("the organization", organization=True),
)


def rows() -> list[dict[str, str]]:
    """The table and its reviewed additions."""
    found: list[dict[str, str]] = []
    for name in ("access_filing.csv", "access_filing_more.csv"):
        with (DATA / name).open(encoding="utf-8", newline="") as stream:
            found += csv.DictReader(stream)
    # Rules are for everybody: somebody signed in is no stranger.
    extra = [r | {"role": "RESIDENT"} for r in found if r["action"] == "read_rules"]
    (check,) = [row for row in found if row["action"] == "verify_document"]
    everybody = [role.name for role in Role if role.name not in ("UNSPECIFIED", "SYSTEM")]
    return found + extra + [check | {"role": role} for role in everybody]


ROWS = rows()
ACTIONS = {row["action"] for row in ROWS}


def holds(row: dict[str, str], role: str, where: Situation) -> bool:
    """The caller stands to the case as the row asks."""
    match row["relation"]:
        case "any":
            return True
        case "self":
            owners = role in ("ORG_OWNER", "ORG_STAFF")
            return where.organization if owners else where.applicant
        case "authority":
            return where.authority
        case "community":
            return where.community
        case "below":
            return where.below
    raise AssertionError(f"unknown relation {row['relation']}")


def in_state(row: dict[str, str], state: str) -> bool:
    """The row holds in the state."""
    text = row["states"]
    if text in ("", "any"):
        return True
    if text.startswith("any but "):
        return state not in text.removeprefix("any but ").split()
    return state in text.split()


@cache
def verdict(action: str, role: str, where: Situation, state: str) -> tuple[str, str]:
    """(allowed, no function or hidden; personal fields shown)."""
    mine = [row for row in ROWS if row["action"] == action and row["role"] == role]
    if not mine:
        return NO_FUNCTION, ""
    for row in mine:
        if holds(row, role, where) and in_state(row, state):
            return ALLOWED, row["personal_fields"]
    return HIDDEN, ""
