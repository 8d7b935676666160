"""B12: the public list on a slow county PC: what comes over the line, and when it is seen."""

from playwright.async_api import async_playwright

from tests.bench.measure import Figure, Goal, Table
from tests.bench.search import register
from tests.bench.stage import Stage
from tests.portal.chromium import CHROMIUM, NONE, launched
from tests.portal.slow import CPU, LATENCY_MS, MBIT, cost

LINE = f"{MBIT} Mbit/s, {LATENCY_MS} ms, CPU ÷ {CPU}"
B12A = Goal("B12a", "public list page, cold: everything that comes over the line", 40, 25, False, "KB")  # fmt: skip
B12B = Goal("B12b", f"the same on {LINE}: until its largest part is seen (LCP)", 2.0, 1.3, False, "s")  # fmt: skip
PAGES = ("/register", "/", "/guide/filing")
ROWS = 2_000


async def figures(stage: Stage, table: Table, rounds: int) -> list[Figure]:
    """Fill the register, then visit as somebody who was never there; nothing without Chromium."""
    if not CHROMIUM:
        print(f"  {NONE}", flush=True)
        return []
    connection = await stage.superuser("supervision")
    await register(connection, ROWS)
    await connection.close()
    async with async_playwright() as playwright:
        browser = await launched(playwright)
        for _ in range(rounds):
            for path in PAGES:
                told = await cost(browser, stage.platform.url + path)
                table.note(
                    f"page {path}",
                    kb=told.octets / 1000,
                    lcp_s=told.lcp_ms / 1000,
                    blocking_ms=told.blocking_ms,
                )
        await browser.close()
    name = f"page {PAGES[0]}"
    return [
        Figure(B12A, tuple(table.of(name, "kb"))),
        Figure(B12B, tuple(table.of(name, "lcp_s"))),
    ]
