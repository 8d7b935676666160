"""What is pictured: every page at an address with a real case, and what a page looks like when something is wrong."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

Act = Callable[[Page, dict[str, str]], Awaitable[None]]
RESIDENT, VILLAGE, CLERK, LEAD = "resident.datong", "village.datongli", "clerk.datong", "lead.datong"  # fmt: skip
COUNTY, APPROVE, PROVINCE = "county-clerk.longhua", "county-approve.longhua", "prov-so"
OWNER, POLICE, OPERATOR = "resident.yacha", "police.longhua", "sys-admin"
SECURITY, AUDIT = "sec-admin", "audit-admin"
OWNED = re.compile("竹竿舞队")
"""Organization at which the owner acts."""


@dataclass(frozen=True, slots=True)
class View:
    """One picture."""

    name: str
    """Room and page, e.g. `gov/inbox`; the name of its file."""
    path: str
    """Address, ids of the scene by name."""
    who: str = ""
    """Somebody of the demo realm; empty: nobody."""
    act: Act | None = None
    """What is done on the page first."""


async def send(page: Page, _: dict[str, str]) -> None:
    """The form as it stands: mostly empty."""
    await page.locator("main .main-button:visible").last.click()
    await page.wait_for_load_state()


async def track(page: Page, ids: dict[str, str]) -> None:
    """The case by its number and code."""
    await page.fill("[name=applicationNo]", ids["number"])
    await page.fill("[name=code]", ids["tracking"])
    await send(page, ids)


async def search(page: Page, ids: dict[str, str]) -> None:
    """The trail of a service."""
    await page.locator("main select[name=workload]").select_option("filing")
    await page.locator("main .filters .main-button, main form .main-button").first.click()
    await page.wait_for_load_state("networkidle")


async def trace(page: Page, ids: dict[str, str]) -> None:
    """What one request of the trail led to."""
    await search(page, ids)
    await page.locator("td a[href^='/ops/traces/']").first.click()
    await page.wait_for_load_state()


async def first(page: Page, _: dict[str, str]) -> None:
    """The first line of the list."""
    await page.locator("#main tbody a").first.click()
    await page.wait_for_load_state()


async def keep(page: Page, ids: dict[str, str]) -> None:
    """The present filter under its own name."""
    await page.locator(".saved summary").click()
    await page.locator(".saved form button").last.click()
    await page.wait_for_load_state()


async def reveal(page: Page, ids: dict[str, str]) -> None:
    """Persons in clear."""
    await page.locator("main [name=purpose]").select_option(index=1)
    await send(page, ids)


PUBLIC = (
    View("public/home", "/"),
    View("public/guide", "/guide"),
    View("public/guide-filing", "/guide/filing?community=460106004002"),
    View("public/guide-assessment", "/guide/assessment?form=SOCIAL_BODY&individuals=60&fund_yuan=30000"),
    View("public/guide-pledge", "/guide/pledge"),
    View("public/places", "/places?key=community&community_county=460106000000"),
    View("public/places-found", "/places/found?q=dtl"),
    View("public/register", "/register"),
    View("public/register-several", "/register?place=大同"),
    View("public/register-empty", "/register?search=不存在的组织"),
    View("public/register-wrong", "/register?search=山"),
    View("public/organization", "/register/{organization}"),
    View("public/announcements", "/announcements"),
    View("public/announcement", "/announcements/{announcement}"),
    View("public/announcement-withdrawn", "/announcements/{withdrawn}"),
    View("public/track", "/track"),
    View("public/track-wrong", "/track", act=send),
    View("public/track-found", "/track", act=track),
    View("public/verify", "/verify"),
    View("public/verify-unknown", "/verify?code=0000-0000-0000-0000"),
    View("public/verify-found", "/verify?code={letter}"),
    View("public/accessibility", "/accessibility"),
    View("public/sitemap", "/sitemap"),
    View("public/not-found", "/nowhere"),
    View("public/sign-in", "/sign-in"),
)  # fmt: skip
APPLY = (
    View("apply/guide", "/apply/filing", RESIDENT),
    View("apply/start", "/apply/filing/start", RESIDENT),
    View("apply/start-wrong", "/apply/filing/start", RESIDENT, send),
    View("apply/tasks", "/apply/filing/{empty}", RESIDENT),
    View("apply/tasks-done", "/apply/filing/{draft}", RESIDENT),
    View("apply/basic", "/apply/filing/{draft}/basic", RESIDENT),
    View("apply/basic-wrong", "/apply/filing/{empty}/basic", RESIDENT, send),
    View("apply/people", "/apply/filing/{draft}/people", RESIDENT),
    View("apply/people-wrong", "/apply/filing/{empty}/people", RESIDENT, send),
    View("apply/charter", "/apply/filing/{draft}/charter", RESIDENT),
    View("apply/charter-text", "/apply/filing/{draft}/charter/text", RESIDENT),
    View("apply/materials", "/apply/filing/{draft}/materials", RESIDENT),
    View("apply/materials-wrong", "/apply/filing/{empty}/materials", RESIDENT, send),
    View("apply/check", "/apply/filing/{draft}/check", RESIDENT),
    View("apply/pledge", "/apply/filing/{draft}/pledge", RESIDENT),
    View("apply/receipt", "/apply/filing/{review}/receipt", RESIDENT),
    View("apply/correction", "/apply/filing/{correction}", RESIDENT),
    View("apply/correction-step", "/apply/filing/{correction}/materials", RESIDENT),
    View("apply/renewal", "/apply/renewal/{renewal}", OWNER),
)  # fmt: skip
ORG = (
    View("org/home", "/org", RESIDENT),
    View("org/home-owner", "/org", OWNER),
    View("org/cases", "/org/cases", RESIDENT),
    View("org/case-filed", "/org/cases/{filed}", RESIDENT),
    View("org/case-correction", "/org/cases/{correction}", RESIDENT),
    View("org/case-review", "/org/cases/{review}", RESIDENT),
    View("org/withdraw", "/org/cases/{review}/withdraw", RESIDENT),
    View("org/messages", "/org/messages", RESIDENT),
    View("org/messages-empty", "/org/messages", "resident.tianya"),
)
GOV = (
    View("gov/inbox", "/gov/inbox?case={review}", CLERK),
    View("gov/inbox-late", "/gov/inbox?case={late}", CLERK),
    View("gov/inbox-village", "/gov/inbox?case={waiting}", VILLAGE),
    View("gov/inbox-lead", "/gov/inbox?case={proposed}", LEAD),
    View("gov/inbox-empty", "/gov/inbox", "clerk.tianya"),
    View("gov/cases", "/gov/cases", CLERK),
    View("gov/cases-saved", "/gov/cases?late=yes", LEAD, keep),
    View("gov/case", "/gov/cases/{filed}", CLERK),
    View("gov/case-correction", "/gov/cases/{correction}", CLERK),
    View("gov/case-county", "/gov/cases/{review}", COUNTY),
    View("gov/return", "/gov/cases/{lacking}/return", CLERK),
    View("gov/refuse", "/gov/cases/{refusable}/refuse", CLERK),
    View("gov/decide", "/gov/cases/{proposed}/decide", LEAD),
    View("gov/persons", "/gov/cases/{review}/persons", CLERK),
    View("gov/persons-shown", "/gov/cases/{review}/persons", CLERK, reveal),
    View("gov/orgs", "/gov/orgs", CLERK),
    View("gov/org", "/gov/orgs/{organization}", PROVINCE),
    View("gov/announcements", "/gov/announcements", CLERK),
    View("gov/announcement", "/gov/announcements/{announcement}", LEAD),
    View("gov/announcement-new", "/gov/announcements/new", CLERK),
    View("gov/announcement-wrong", "/gov/announcements/new", CLERK, send),
    View("gov/rules", "/gov/rules", CLERK),
    View("gov/rules-county", "/gov/rules?region=469025000000", "county-approve.baisha"),
    View("gov/rule", "/gov/rules/FIL.VALID_YEARS?region=469025000000", "county-approve.baisha"),
    View("gov/jobs-empty", "/gov/jobs", LEAD),
    View("gov/jobs-new", "/gov/jobs/new", CLERK),
    View("gov/job", "/gov/jobs/new", CLERK, send),
    View("gov/jobs", "/gov/jobs", CLERK),
    View("gov/handover", "/gov/handover", CLERK),
    View("gov/keys", "/gov/keys", CLERK),
    View("gov/forbidden", "/ops", CLERK),
)  # fmt: skip
DEPT = (
    View("dept/subscriptions", "/dept/subscriptions", POLICE),
    View("dept/subscriptions-county", "/dept/subscriptions", APPROVE),
    View("dept/subscription", "/dept/subscriptions/{subscription}", POLICE),
    View("dept/subscription-county", "/dept/subscriptions/{subscription}", APPROVE),
    View("dept/request", "/dept/subscriptions/new", POLICE),
    View("dept/request-wrong", "/dept/subscriptions/new", POLICE, send),
    View("dept/deliveries", "/dept/deliveries", POLICE),
    View("dept/body", "/dept/deliveries", POLICE, first),
    View("dept/catalog", "/dept/catalog", POLICE),
)
OPS = (
    View("ops/health", "/ops", OPERATOR),
    View("ops/workload", "/ops/workloads/filing", OPERATOR),
    View("ops/queues", "/ops/queues", OPERATOR),
    View("ops/replay", "/ops/queues/replay?workload=notifications&aggregate=01a00000-0000-7000-8000-0000000000ee", OPERATOR),
    View("ops/release", "/ops/release", OPERATOR),
    View("ops/users", "/ops/users", SECURITY),
    View("ops/grant", "/ops/users/grant", SECURITY),
    View("ops/grant-wrong", "/ops/users/grant", SECURITY, send),
    View("ops/revoke", "/ops/users/posts/01a00000-0000-7000-8000-0000000000ee", SECURITY),
    View("ops/imports", "/ops/users/imports", SECURITY),
    View("ops/security", "/ops/security?account=516d4574-4b41-5f57-a006-a0c9730cb45c", SECURITY),
    View("ops/accounts", "/ops/accounts", SECURITY),
    View("ops/audit", "/ops/audit", AUDIT),
    View("ops/audit-found", "/ops/audit", AUDIT, search),
    View("ops/trace", "/ops/audit", AUDIT, trace),
    View("ops/checks", "/ops/audit/checks/filing", AUDIT),
)  # fmt: skip
ME = (
    View("me/letters", "/letters/{filed}", RESIDENT),
    View("me/profile", "/me", RESIDENT),
    View("me/profile-clerk", "/me", CLERK),
    View("me/contact", "/me/contact", RESIDENT),
    View("me/delegations", "/me/delegations", CLERK),
    View("me/posts", "/sign-in/post", OWNER),
)
VIEWS = (*PUBLIC, *APPLY, *ORG, *GOV, *DEPT, *OPS, *ME)
