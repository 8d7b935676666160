"""The browser of the distribution, and how it is started."""

import shutil

from playwright.async_api import Browser, Playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
"""The tests may run as root, whom Chromium refuses to keep in a sandbox."""
NONE = "SKIPPED, NOT GREEN: no Chromium (apt-get install chromium fonts-noto-cjk)"
CHINESE = {"LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"}


async def launched(playwright: Playwright) -> Browser:
    """A running browser that speaks Chinese."""
    return await playwright.chromium.launch(
        executable_path=CHROMIUM, args=ARGUMENTS, env={**CHINESE}
    )
