"""The servicer of filing in a test: called as the door calls it, under the caller's access rule."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, KeySet
from obstore.store import MemoryStore

from gateway.demo.application import form as demo_form
from kit.call import Call, enter
from kit.contracts import rpc_by_path
from kit.database import Database
from kit.files import SealedFiles
from kit.identity import Caller
from kit.ids import uuid7
from kit.outbox import Doorbell
from kit.press import Press
from kit.receipts import Receipt, sign_receipt
from kit.regions import hainan
from kit.secrets import Keyring
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.filing.v1 import filing_pb as pb
from services.filing.domain.pledge import PLEDGES
from services.filing.rpc import FilingRpc
from services.filing.rpc.exports import ExportRpc
from services.filing.rpc.guide import GuideRpc
from services.filing.rpc.letters import LetterRpc
from services.filing.rpc.rules import RuleRpc
from services.filing.store.desk import Desk
from services.filing.store.exports import Exports
from services.filing.store.letters import Letters
from services.filing.store.read import Reader
from services.filing.store.rules import Rules
from services.filing.store.write import Writer
from services.filing.timers import DueCases, Printing

SERVICES = ("Filing", "Rule", "Guide", "Letter", "Export")
COMMUNITY = "460106004002"
STREET = "460106004000"
NAME = "海口市龙华区大同街道大同里社区{}志愿服务队"
KEY = ECKey.generate_key("P-256")
KEYRING = Keyring({1: b"f" * 32}, {1: b"i" * 32}, {1: b"a" * 32})


def at(role: Role, code: str = "", subject: str = "") -> Caller:
    """A post-holder at a node; residents have none."""
    path = hainan().get(code).path if code else ""
    return Caller(subject or role.name.lower(), role, region_code=code, region_path=path)


RESIDENT = at(Role.RESIDENT)
VILLAGE = at(Role.VILLAGE, COMMUNITY)
CLERK = at(Role.TOWN_CLERK, STREET)
LEAD = at(Role.TOWN_LEAD, STREET)


@dataclass
class Filing:
    """The service on a database, with the steps people take."""

    database: Database
    keyring: Keyring = field(default_factory=lambda: KEYRING)
    files: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        public = KEY.as_dict(private=False) | {"kid": KEY.thumbprint(), "use": "sig"}
        self.unit = Unit(self.database, Doorbell(), self.keyring)
        self.reader = Reader(self.database, self.keyring)
        self.writer = Writer(self.database, self.unit, self.keyring)
        keys = KeySet.import_key_set({"keys": [public]})
        self.rpc = FilingRpc(
            self.reader, self.writer, Desk(self.database, self.unit), self.unit, keys
        )
        rules = Rules(self.database, self.unit, self.reader.books)
        self.rules = RuleRpc(self.reader, rules, self.unit)
        self.letters = Letters(self.database, self.unit, self.keyring, self.files)
        self.letter_rpc = LetterRpc(self.reader, self.letters)
        self.printing = Printing(self.reader, self.letters, Press())
        self.guide = GuideRpc(self.reader)
        self.exports = Exports(self.database, self.unit, SealedFiles(self.files, self.keyring))
        self.export_rpc = ExportRpc(self.reader, self.exports, self.unit)
        self.due = DueCases(self.reader, self.writer, self.unit)

    async def call(self, name: str, who: Caller, **fields: Any) -> Any:
        """An RPC by its contract name; a request id is made where the request has one."""
        rpc = next(
            rpc_by_path()[path]
            for path in (f"/minzheng.filing.v1.{s}Service/{name}" for s in SERVICES)
            if path in rpc_by_path()
        )
        enter(Call(who, rpc.path, rpc.access))
        wants = {field.local_name for field in rpc.request.desc().fields}
        if "request_id" in wants:
            fields.setdefault("request_id", str(uuid7()))
        method = re.sub("([A-Z])", r"_\1", name).lower().lstrip("_")
        servicers = {
            "FilingService": self.rpc,
            "RuleService": self.rules,
            "GuideService": self.guide,
            "LetterService": self.letter_rpc,
            "ExportService": self.export_rpc,
        }
        servicer = servicers[rpc.service]
        return await getattr(servicer, method)(rpc.request(**fields), None)

    async def draft(self, brand: str = "暖心") -> str:
        """A complete draft; answers its id."""
        filing_id = str(uuid7())
        form = pb.Form.from_json(json.dumps(demo_form(NAME.format(brand), COMMUNITY, 1, "二楼")))
        await self.call(
            "CreateDraft", RESIDENT, filing_id=filing_id, community_code=COMMUNITY, form=form
        )
        for code in ("B02", "B05"):
            await self.attach(filing_id, code)
        return filing_id

    async def attach(self, filing_id: str, code: str, account: str = "") -> Any:
        """A file of the applicant put on record."""
        receipt = Receipt("file", "00" * 32, "application/pdf", 10, account or RESIDENT.subject)
        return await self.call(
            "AttachMaterial",
            RESIDENT,
            filing_id=filing_id,
            code=pb.MaterialCode[code],
            receipt=sign_receipt(KEY, receipt),
        )

    async def submit(self, filing_id: str, **fields: Any) -> Any:
        """收件"""
        version = fields.pop("pledge_version", PLEDGES[-1].version)
        return await self.call(
            "SubmitFiling", RESIDENT, filing_id=filing_id, pledge_version=version, **fields
        )

    async def mark(self, filing_id: str, **findings: str) -> Any:
        """Every material marked present but those named."""
        codes = ("B01", "B02", "B03", "B04", "B05", "B06")
        marks = [
            pb.MaterialFinding(
                code=pb.MaterialCode[code],
                completeness=pb.Completeness[findings.get(code, "PRESENT")],
            )
            for code in codes
        ]
        return await self.call("MarkCompleteness", CLERK, filing_id=filing_id, findings=marks)

    async def proposed(self, brand: str = "暖心") -> str:
        """A case whose acceptance is proposed."""
        filing_id = await self.draft(brand)
        await self.submit(filing_id)
        opinion = pb.VillageOpinion.AGREE
        await self.call("GiveVillageOpinion", VILLAGE, filing_id=filing_id, opinion=opinion)
        await self.mark(filing_id)
        await self.call("ProposeDecision", CLERK, filing_id=filing_id, decision=pb.Decision.ACCEPT)
        return filing_id

    async def decide(self, filing_id: str, **fields: Any) -> Any:
        """The second person's decision."""
        return await self.call("DecideFiling", LEAD, filing_id=filing_id, agree=True, **fields)
