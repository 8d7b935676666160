"""What a page costs on a slow county PC: weight, requests, when its largest part is seen, how long it blocks."""

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Browser

from tests.portal.portal import DESKTOP

LATENCY_MS, MBIT, CPU = 60, 4, 4
"""The line, and how many times slower the processor is made."""
MEASURES = """() => new Promise((done) => {
  const found = { lcp: 0, blocking: 0, shift: 0 };
  const watch = (type, take) => new PerformanceObserver(
    (list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (one) => { found.lcp = one.startTime; });
  watch("longtask", (one) => { found.blocking += Math.max(0, one.duration - 50); });
  watch("layout-shift", (one) => { found.shift += one.hadRecentInput ? 0 : one.value; });
  setTimeout(() => done(found), 500);
})"""


@dataclass(frozen=True, slots=True)
class Cost:
    """One cold visit."""

    octets: int
    requests: int
    lcp_ms: float
    blocking_ms: float
    shift: float


async def cost(browser: Browser, url: str, *, slow: bool = True, state: Any = None) -> Cost:
    """A cold visit in a fresh profile; `state`: cookies of who is signed in."""
    context = await browser.new_context(
        locale="zh-CN",
        viewport={"width": DESKTOP[0], "height": DESKTOP[1]},
        storage_state=state,
    )
    try:
        page = await context.new_page()
        devices, loaded = await context.new_cdp_session(page), list[float]()
        devices.on("Network.loadingFinished", lambda told: loaded.append(told["encodedDataLength"]))
        await devices.send("Network.enable")
        if slow:
            line = {"latency": LATENCY_MS, "downloadThroughput": MBIT * 125_000, "uploadThroughput": MBIT * 125_000}  # fmt: skip
            await devices.send("Network.emulateNetworkConditions", {"offline": False, **line})
            await devices.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
        await page.goto(url, wait_until="networkidle")
        told = await page.evaluate(MEASURES)
        return Cost(int(sum(loaded)), len(loaded), told["lcp"], told["blocking"], told["shift"])
    finally:
        await context.close()
