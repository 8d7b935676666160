"""One valid call of every operation, and a case left in each state for the fuzzer to poke at."""

import asyncio
import base64
from dataclasses import dataclass, field

import httpx

from gateway.demo.application import form as demo_form
from gateway.demo.client import People, Person
from gateway.demo.stories import MATERIALS
from kit.ids import uuid7
from tests.fuzz import exports, files, letters, operations, supervision
from tests.platform import Platform
from tests.sink import LOCAL, Authority, Sink
from tests.stories.people import PDF, Town

BASIS = {
    "title": "海南省社区社会组织备案规程", "documentNo": "琼民规〔2026〕1号", "issuer": "海南省民政厅",
    "issuedOn": "2026-01-05",
}  # fmt: skip


@dataclass
class Driven:
    """What the drive left: ids by state, other ids."""

    cases: dict[str, str] = field(default_factory=dict)
    objection: str = ""
    letter: str = ""
    export: str = ""
    message: str = ""
    post: str = ""
    imported: str = ""
    file: str = ""
    owner: str = ""
    """Post of the organization in the state of renewal."""
    subscription: str = ""
    organization: str = ""
    announcement: str = ""
    """A draft."""


class Drive:
    """Plays the valid calls."""

    def __init__(self, platform: Platform, http: httpx.AsyncClient) -> None:
        self.town = Town(platform, http)
        self.people = People(http)
        self.left = Driven()
        self.form = demo_form("", "460106004002", 11, "大同里社区综合服务中心五楼")

    async def person(self, name: str) -> Person:
        return await self.town.person(name)

    async def all(self, department: Person, authority: Authority) -> Driven:
        """Every operation once, in an order that makes each possible."""
        day = await self._rules()
        await self._notice_and_objections(day)
        await self._correction()
        self.left.file = await files.read_back(self.person)
        await self._desk()
        self.left.letter = await letters.checked(self.person, self.left.cases["COMPLETENESS"])
        self.left.export = await exports.made(self.person)
        await self._others(department)
        await operations.run(self.person)
        await self._subscriptions(department, authority)
        self.left.organization = await supervision.found(self.person)
        self.left.announcement = await supervision.announced(self.person)
        return self.left

    async def _rules(self) -> str:
        resident = await self.person("resident.datong")
        await resident.put("/api/v1/my/contact", {"contact": {"phone": "12000000001"}})
        draft = await self.town.draft("草稿", self.form)
        self.left.cases["DRAFT"] = draft
        history = await resident.get(f"/api/v1/filings/{draft}/history")
        await resident.get(f"/api/v1/filings/{draft}/rules")
        await resident.get(f"/api/v1/filings/{draft}/violations")
        day = str(history["entries"][0]["on"])
        county, province = await self.person("county-approve.longhua"), await self.person("prov-so")
        rule = {
            "regionCode": "460106000000", "value": "5", "effectiveFrom": day, "basis": BASIS,
        }  # fmt: skip
        await county.post("/api/v1/filing-rules/FIL.NOTICE_DAYS/settings", rule)
        for key, value in (("VALID_YEARS", "1"), ("RENEW_BEFORE_D", "366")):
            await county.post(f"/api/v1/filing-rules/FIL.{key}/settings", rule | {"value": value})
        later = f"{int(day[:4]) + 1}-12-31"
        ahead = rule | {"effectiveFrom": later}
        await county.post("/api/v1/filing-rules/FIL.NOTICE_DAYS/settings", ahead)
        await county.post(
            "/api/v1/filing-rules/FIL.NOTICE_DAYS/settings:withdraw",
            {"regionCode": "460106000000", "effectiveFrom": later},
        )
        bound = {
            "regionCode": "460000000000", "lowest": 0, "highest": 30, "effectiveFrom": day,
            "basis": BASIS,
        }  # fmt: skip
        await province.post("/api/v1/filing-rules/FIL.NOTICE_DAYS/bounds", bound)
        await resident.get("/api/v1/filing-rules", regionCode="460106004002")
        await resident.get("/api/v1/filing-rules/FIL.NOTICE_DAYS/settings")
        name = self.town.name.format("查重")
        await resident.get(
            "/api/v1/filing-names:check", name=name, communityCode=self.town.community
        )
        place = self.town.community
        await resident.get("/api/v1/filing-guide", regionCode=place)
        group = {"regionCode": place, "form": "GROUP_FORM_SOCIAL_BODY", "individuals": "12"}
        await resident.get("/api/v1/filing-guide/assessment", **group)
        return day

    async def _noticed(self, brand: str) -> str:
        filing_id = await self._reviewed(brand)
        clerk = await self.person("clerk.datong")
        await clerk.post(f"/api/v1/filings/{filing_id}:startNotice")
        return filing_id

    async def _reviewed(self, brand: str) -> str:
        filing_id = await self.town.draft(brand, self.form)
        await self.town.submit(filing_id)
        await self.town.reviewed(filing_id)
        return filing_id

    async def _notice_and_objections(self, day: str) -> None:
        filed, noticed = await self._noticed("备案"), await self._noticed("公示")
        neighbor = await self.person("resident.tianya")
        for filing_id, ground in ((filed, "FOR_PROFIT"), (noticed, "PROHIBITED")):
            self.left.objection = str(uuid7())
            path = f"/api/v1/filings/{filing_id}/objections"
            body = {
                "objectionId": self.left.objection, "ground": f"OBJECTION_GROUND_{ground}",
                "text": "请核实",
            }  # fmt: skip
            await neighbor.post(path, body)
            await neighbor.get(f"{path}/{self.left.objection}")
            if filing_id == filed:
                clerk = await self.person("clerk.datong")
                answer = {"outcome": "OBJECTION_OUTCOME_UNFOUNDED", "answer": "查无此事"}
                await clerk.post(f"{path}/{self.left.objection}:handle", answer)
        self.left.cases["NOTICE_PERIOD"] = noticed
        self.town.advance(6)
        clerk, lead = await self.person("clerk.datong"), await self.person("lead.datong")
        await clerk.post(
            f"/api/v1/filings/{filed}:proposeDecision", {"decision": "DECISION_ACCEPT"}
        )
        await lead.post(f"/api/v1/filings/{filed}:decide", {"agree": True})
        self.left.cases["RENEW_DUE"] = filed
        await self._renewal(filed)

    async def _renewal(self, filing_id: str) -> None:
        """The owner of the organization asks for renewal once the platform has seen that it is due."""
        resident = await self.person("resident.datong")
        path = f"/api/v1/filings/{filing_id}"
        for _ in range(100):
            filing = (await resident.get(path))["filing"]
            posts = (await resident.get("/api/v1/my/posts"))["posts"]
            mine = [p for p in posts if p.get("organizationId") == filing["organizationId"]]
            if filing["state"] == "FILING_STATE_RENEW_DUE" and mine:
                break
            await asyncio.sleep(0.1)
        self.left.owner = mine[0]["postId"]
        pledge = await resident.get("/api/v1/filing-pledge")
        signed = {"pledgeVersion": pledge["version"]}
        await resident.post(f"{path}:applyForRenewal", signed, post=self.left.owner)

    async def _correction(self) -> None:
        for state, brand in (("COMPLETENESS", "补正"), ("CORRECTION", "待补")):
            filing_id = await self._reviewed(brand)
            clerk = await self.person("clerk.datong")
            findings = [
                {"code": f"MATERIAL_CODE_{code}", "completeness": "COMPLETENESS_PRESENT"}
                for code in MATERIALS
            ]
            findings[4]["completeness"] = "COMPLETENESS_ABSENT"
            path = f"/api/v1/filings/{filing_id}"
            await clerk.post(f"{path}:markCompleteness", {"findings": findings})
            await clerk.post(f"{path}:returnForCorrection")
            if state == "COMPLETENESS":
                resident = await self.person("resident.datong")
                receipt = await resident.upload(PDF, "application/pdf")
                await resident.put(f"{path}/materials/MATERIAL_CODE_B05", {"receipt": receipt})
                await resident.post(f"{path}:resubmit")
            self.left.cases[state] = filing_id
        waiting = await self.town.draft("意见", self.form)
        await self.town.submit(waiting)
        self.left.cases["VILLAGE_REVIEW"] = waiting
        resident = await self.person("resident.datong")
        tracked = await resident.get(f"/api/v1/filings/{waiting}/tracking-code")
        await resident.get("/api/v1/filing-tracking", **tracked)
        withdrawn = await self.town.draft("撤回", self.form)
        resident = await self.person("resident.datong")
        await resident.post(f"/api/v1/filings/{withdrawn}:withdraw", {"reason": "改期"})
        self.left.cases["WITHDRAWN"] = withdrawn

    async def _desk(self) -> None:
        case = f"/api/v1/filings/{self.left.cases['COMPLETENESS']}"
        clerk, county = await self.person("clerk.datong"), await self.person("county-clerk.longhua")
        await clerk.post(f"{case}:revealPersons", {"purpose": "REVEAL_PURPOSE_CONTACT"})
        await clerk.get(f"{case}/materials/MATERIAL_CODE_B02")
        await county.post(f"{case}/guidance", {"guidanceId": str(uuid7()), "text": "请核对"})
        await county.get(f"{case}/guidance")
        await clerk.post("/api/v1/filing-inbox:takeOver", {"fromAccount": "nobody"})
        await clerk.get("/api/v1/filing-inbox")
        await county.get(case)
        await county.get("/api/v1/filings")
        await (await self.person("resident.datong")).get("/api/v1/my/filings")

    async def _others(self, department: Person) -> None:
        resident = await self.person("resident.datong")
        messages = (await resident.get("/api/v1/messages"))["messages"]
        self.left.message = messages[0]["messageId"]
        await resident.post(f"/api/v1/messages/{self.left.message}:read")
        await resident.get("/api/v1/my/contact")
        await self._outbox(resident)
        await resident.get("/api/v1/my/posts")
        admin = await self.person("sec-admin")
        posts = (await admin.get("/api/v1/posts"))["posts"]
        holder = posts[0]
        post = {
            "postId": str(uuid7()), "account": holder["account"], "role": "ROLE_AUDITOR",
            "regionCode": "460000000000",
        }  # fmt: skip
        await admin.post("/api/v1/posts", post)
        self.left.post = post["postId"]
        await self._second(post["postId"])
        await admin.post(f"/api/v1/posts/{post['postId']}:revoke", {"reason": "试验结束"})
        for who, step in (("sec-admin", "disable"), ("sec-admin-2", "enable")):
            path = f"/api/v1/accounts/somebody:{step}"
            await (await self.person(who)).post(path, {"reason": "试验"})
        await self._delegation(holder["account"])
        await self._imports()
        await department.get("/api/v1/events")
        await department.get("/api/v1/organizations/snapshot")

    async def _outbox(self, resident: Person) -> None:
        """Without far ends nothing is sent: what would have been can be looked at."""
        for _ in range(300):
            found = (await resident.get("/api/v1/dispatches"))["dispatches"]
            if any(one["state"] == "DISPATCH_STATE_KEPT" for one in found):
                break
            await asyncio.sleep(0.1)
        kept = next(one for one in found if one["state"] == "DISPATCH_STATE_KEPT")
        assert (kept["address"], kept["reason"]) == ("120****0001", "")
        assert kept["body"]

    async def _second(self, post_id: str) -> None:
        await (await self.person("sec-admin-2")).post(f"/api/v1/posts/{post_id}:confirm")

    async def _delegation(self, account: str) -> None:
        lead = await self.person("lead.tianya")
        post = {
            "postId": str(uuid7()), "account": account, "reason": "公休",
            "validFrom": "2199-01-01", "validTo": "2199-01-05",
        }  # fmt: skip
        await lead.post("/api/v1/my/delegations", post)
        end = f"/api/v1/my/delegations/{post['postId']}:end"
        await lead.post(end, {"reason": "不再休假"})

    async def _imports(self) -> None:
        admin, second = await self.person("sec-admin"), await self.person("sec-admin-2")
        for number, step in enumerate((":confirm", ":decline")):
            row = f"fuzz-{number},DEPT,460000000000,2199-01-01,2199-01-02"
            table = f"账号,岗位,地区代码,生效日期,终止日期\n{row}\n".encode()
            content = base64.b64encode(table).decode()
            await admin.post("/api/v1/post-imports:preview", {"content": content})
            self.left.imported = str(uuid7())
            body = {"importId": self.left.imported, "content": content}
            await admin.post("/api/v1/post-imports", body)
            reason = {"reason": "名单有误"} if step == ":decline" else {}
            await second.post(f"/api/v1/post-imports/{self.left.imported}{step}", reason)
        await admin.get("/api/v1/post-imports")

    async def _subscriptions(self, department: Person, authority: Authority) -> None:
        county, path = await self.person("county-approve.longhua"), "/api/v1/subscriptions"
        async with Sink(authority) as sink:
            asked = {
                "regionCode": "460106000000", "types": ["cn.gov.hainan.organization.filed.v1"],
                "purpose": "社会组织信息共享", "url": sink.url, "networks": [f"{LOCAL}/32"],
            }  # fmt: skip
            ids = [str(uuid7()) for _ in range(3)]
            for one in ids:
                await department.post(path, asked | {"subscriptionId": one})
            live, ended, refused = (f"{path}/{one}" for one in ids)
            await county.post(f"{live}:approve")
            await county.post(f"{refused}:refuse", {"reason": "用途不明"})
            await department.post(f"{ended}:end", {"reason": "填写有误"})
            await department.post(f"{live}:rotateSecret")
            tested = await department.post(f"{live}:test")
            assert tested["outcome"] == "DELIVERY_OUTCOME_DELIVERED"
            await department.post(f"{live}:redeliver")
            await department.post(f"{live}:pause", {"reason": "系统检修"})
            await department.post(f"{live}:resume")
            await department.get(f"{live}/deliveries")
            await county.get(live)
            await county.get(path)
        self.left.subscription = ids[0]
