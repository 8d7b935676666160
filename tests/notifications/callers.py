"""Callers of the tests and how they are bound to the running call."""

from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.identity import Caller
from proto.gen.minzheng.common.v1.access_pb import Role
from tests.notifications.builders import APPLICANT, AUTHORITY, COMMUNITY, TOWN_PATH

SERVICE = "/minzheng.notifications.v1.NotificationsService"
COUNTY_PATH = TOWN_PATH.removesuffix(f"{AUTHORITY}/")
RESIDENT = Caller(APPLICANT, Role.RESIDENT)
OWNER = Caller(
    APPLICANT, Role.ORG_OWNER, "p4", organization_id="019a0000-0000-7000-8000-0000000000a1"
)
VILLAGE = Caller("village", Role.VILLAGE, "p1", COMMUNITY, f"{TOWN_PATH}{COMMUNITY}/")
CLERK = Caller("clerk", Role.TOWN_CLERK, "p2", AUTHORITY, TOWN_PATH)
NEIGHBOR_CLERK = Caller(
    "neighbor", Role.TOWN_CLERK, "p3", "460106100000", f"{COUNTY_PATH}460106100000/"
)


def act(who: Caller, method: str) -> None:
    """Bind a caller to the running task, as the door does."""
    path = f"{SERVICE}/{method}"
    enter(Call(who, path, rpc_by_path()[path].access))
