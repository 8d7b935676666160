"""Pages of operation and of departments in every theme and width, and in English."""

import pytest

from tests.portal.portal import Portal, axe

PAGES = {
    "SYS_ADMIN": ("/ops", "/ops/workloads/gateway", "/ops/queues", "/ops/release"),
    "AUDIT_ADMIN": ("/ops/audit?workload=gateway", "/ops/audit/checks/filing"),
    "SEC_ADMIN": (
        "/ops/users", "/ops/users/grant", "/ops/users/imports", "/ops/accounts", "/ops/security",
    ),
    "DEPT": ("/dept/subscriptions", "/dept/subscriptions/new", "/dept/catalog", "/dept/deliveries"),
    "TOWN_LEAD": ("/me/delegations",),
}  # fmt: skip
CHINESE = """() => { const copy = document.body.cloneNode(true);
 for (const one of copy.querySelectorAll('[lang^=zh], [hidden], script')) one.remove();
 return (copy.innerText.match(/[\\u4e00-\\u9fff][^\\n]*/g) || []).slice(0, 5); }"""


@pytest.mark.parametrize("role", PAGES)
@pytest.mark.parametrize(
    ("display", "size"),
    [("", (320, 700)), ("elder", (1440, 900)), ("elder.contrast", (390, 844)), ("en", (1024, 768))],
)
async def test_every_page_fits_everybody(portal: Portal, role: str, display: str, size) -> None:
    page = await portal.as_role(role, "/me", display=display, size=size)
    for path in PAGES[role]:
        await page.goto(path)
        assert await axe(page) == [], path
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, path


@pytest.mark.parametrize("role", PAGES)
async def test_english_pages_say_nothing_in_chinese(portal: Portal, role: str) -> None:
    """But what people and contracts named: marked as Chinese."""
    page = await portal.as_role(role, "/me", display="en")
    for path in PAGES[role]:
        await page.goto(path)
        assert await page.evaluate(CHINESE) == [], path
