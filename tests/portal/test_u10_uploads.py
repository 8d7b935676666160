"""U10: what is wrong with a file is told at its field, and nothing that was refused is kept."""

import io
import zipfile

import pytest
from playwright.async_api import expect

from tests.portal.applying import Applying, file
from tests.portal.portal import Portal
from tests.stories.people import PDF

ENCRYPTED = PDF.replace(b"trailer", b"trailer <</Encrypt 9 0 R>>", 1)


def archive() -> bytes:
    """A ZIP that is no document."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        packed.writestr("a.txt", "a" * 50)
    return made.getvalue()


CASES = {
    "empty": (file(content=b""), "文件是空的"),
    "another type": (file("章程.pdf", b"plain text, no document at all"), "只接受 PDF"),
    "a renamed program": (file("章程.pdf", b"MZ\x90\x00" + b"\x00" * 200), "只接受 PDF"),
    "a name that does not fit": (file("章程.jpg", kind="image/jpeg"), "扩展名不符"),
    "two natures": (file(content=PDF + archive()), "夹带|之后还有"),
    "a page inside": (file(content=PDF + b"<script>alert(1)</script>"), "夹带|之后还有"),
    "an archive": (file("章程.docx", archive(), "application/zip"), "只接受 PDF|不完整|损坏|类型"),
    "a deceiving name": (file("章程\u202efdp.exe", PDF), "文件名"),
}  # fmt: skip


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_each_fault_has_its_sentence_and_nothing_is_kept(
    portal: Portal, scripts: bool
) -> None:
    applying = await Applying.start(portal, scripts=scripts)
    page = applying.page
    await applying.go("materials")
    await applying.on()
    await expect(page.locator(".error-summary")).to_contain_text("请上传简易章程")
    for name, (chosen, sentence) in CASES.items():
        await page.set_input_files('[name="materials.B02"]', chosen)
        await applying.on()
        wrong = page.locator('[id="w-materials.B02"]')
        await expect(wrong, name).to_have_text(__import__("re").compile(sentence))
        assert await page.get_by_text("已上传").count() == 0, name
    gateway = await portal.platform.database("gateway")
    kept = await gateway.fetchval("SELECT count(*) FROM upload")
    await gateway.close()
    await page.set_input_files('[name="materials.B02"]', file())
    await applying.on()
    await expect(page.locator("#main")).to_contain_text("已上传：PDF")
    gateway = await portal.platform.database("gateway")
    assert await gateway.fetchval("SELECT count(*) FROM upload") == kept + 1
    await gateway.close()


async def test_too_much_is_not_even_sent(portal: Portal) -> None:
    applying = await Applying.start(portal)
    await applying.go("materials")
    large = file(content=b"%PDF-1.4\n" + b"0" * (21 * 1024 * 1024))
    await applying.page.set_input_files('[name="materials.B02"]', large)
    await applying.on()
    await expect(applying.page.locator("#trouble")).to_contain_text("20 MB")


async def test_ten_megabytes_on_a_slow_line_show_their_progress(portal: Portal) -> None:
    applying = await Applying.start(portal)
    page = applying.page
    await applying.go("materials")
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    slow = {
        "offline": False,
        "latency": 20,
        "downloadThroughput": -1,
        "uploadThroughput": 2_500_000,
    }
    await line.send("Network.emulateNetworkConditions", slow)
    pixels = b"0" * 9_900_000
    body = (
        b"%PDF-1.4\n1 0 obj\n<</Length "
        + str(len(pixels)).encode()
        + b">>\nstream\n"
        + pixels
        + b"\nendstream\nendobj\n"
    )
    await page.set_input_files(
        '[name="materials.B02"]', file(content=PDF.replace(b"%PDF-1.4\n", body, 1))
    )
    await applying.on()
    bar = page.locator("progress[data-upload]")
    await expect(bar).to_be_visible()
    seen = set()
    while await bar.is_visible():
        seen.add(await bar.evaluate("one => Math.round(10 * one.value / one.max)"))
        await page.wait_for_timeout(200)
    assert len(seen) >= 3
    await expect(page.locator("h1")).to_have_text("材料上传")
