"""Steps of a filing as a person takes them in a browser."""

from playwright.async_api import Page, expect

from kit.codes import id_check
from kit.ids import uuid7
from tests.portal.portal import Portal
from tests.stories.people import PDF

APPLICANT = "resident.datong"
COMMUNITY = "460106004002"
PLACE = "海口市龙华区大同街道大同里社区"
MEMBERS = "\n".join(f"成员{sign}" for sign in "甲乙丙丁戊己庚辛壬癸")
SIGNS = str.maketrans("0123456789abcdef-", "零壹贰叁肆伍陆柒捌玖春夏秋冬晨暮 ")
PEOPLE = (("符晓", "12000000001"), ("王芳", "12000000002"))


def fresh_name() -> str:
    """A name that no organization bears yet."""
    return PLACE + str(uuid7())[-6:].translate(SIGNS) + "合唱队"


def number(at: int) -> str:
    """A synthetic identity number."""
    first = f"46990019900101{100 + at}"
    return first + id_check(first)


def file(name: str = "章程.pdf", content: bytes = PDF, kind: str = "application/pdf") -> dict[str, object]:  # fmt: skip
    """A file to choose."""
    return {"name": name, "mimeType": kind, "buffer": content}


class Applying:
    """One application in one browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.name = fresh_name()

    @classmethod
    async def start(cls, portal: Portal, **options: object) -> "Applying":
        """Signed in, a community chosen, at the task list."""
        page = await portal.as_user(APPLICANT, "/apply/filing/start", **options)
        await page.fill("[name=place]", COMMUNITY)
        await page.locator("[name=place]").press("Enter")
        await expect(page.locator("h1")).to_have_text("备案申请")
        return cls(page)

    @property
    def base(self) -> str:
        """Address of the task list."""
        rest = self.page.url.partition("/apply/filing/")[2]
        return f"/apply/filing/{rest.split('/')[0]}"

    async def go(self, step: str = "") -> None:
        """Open a step."""
        await self.page.goto(self.base + (f"/{step}" if step else ""))

    async def on(self) -> None:
        """保存并继续"""
        await self.page.locator("main .main-button:visible").click()

    async def fill(self, name: str, text: str) -> None:
        """Type into a control."""
        await self.page.fill(f'[name="{name}"]', text)

    async def check(self, name: str, value: str) -> None:
        """Tick or choose."""
        await self.page.check(f'[name="{name}"][value="{value}"]')

    async def basic(self) -> None:
        """组织基本信息"""
        await self.go("basic")
        await self.fill("form.name", self.name)
        await self.page.select_option('[name="form.category"]', "WTHD")
        await self.fill("form.premises.address", "大同里社区文化活动室")
        await self.check("form.fieldCodes", "WT")
        await self.on()
        await self.at("负责人与成员")

    async def people(self) -> None:
        """负责人与成员"""
        await self.go("people")
        await self.fill("form.members", MEMBERS)
        for at, (name, phone) in enumerate(PEOPLE):
            await self.fill(f"form.principals[{at}].name", name)
            await self.fill(f"form.principals[{at}].idNumber", number(at))
            await self.fill(f"form.principals[{at}].phone", phone)
        await self.on()
        await self.at("宗旨与章程")

    async def charter(self) -> None:
        """宗旨与章程"""
        await self.go("charter")
        await self.fill("form.purpose", "丰富居民文化生活")
        await self.fill("form.businessScope", "合唱排练\n节日演出")
        await self.fill("form.charter.adoptedOn", "２０２６０３０１")
        await self.fill("form.charter.present", "10")
        await self.fill("form.charter.agreed", "１０")
        await self.check("form.targetGroups", "LNR")
        await self.on()
        await self.at("材料上传")

    async def materials(self) -> None:
        """材料上传"""
        await self.go("materials")
        for code in ("B02", "B05"):
            await self.page.set_input_files(f'[name="materials.{code}"]', file())
        await self.on()
        await self.at("核对申请内容")

    async def filled(self) -> None:
        """Every step, up to the check."""
        await self.basic()
        await self.people()
        await self.charter()
        await self.materials()

    async def submit(self) -> str:
        """Check, pledge, receipt; answers the number."""
        await self.go("check")
        await self.on_link()
        await self.at("承诺书")
        await self.page.check("[name=signed]")
        await self.on()
        await self.at("申请已提交")
        return await self.page.locator(".receipt .big").inner_text()

    async def on_link(self) -> None:
        """The main link of a page."""
        await self.page.locator("a[data-main]").click()

    async def at(self, heading: str) -> None:
        """On the page of that heading."""
        await expect(self.page.locator("h1")).to_have_text(heading)
