"""The materials of a page: those of a draft, or those that a correction asks for."""

from dataclasses import dataclass

from gateway.portal import Visit, _
from gateway.portal.filters import media, size
from gateway.portal.pages.apply import draft, progress
from proto.gen.minzheng.filing.v1.filing_pb import Filing, FilingState, Material, MaterialCode

ACCEPT = ".pdf,.jpg,.jpeg,.png,.ofd,.docx,.xlsx"
LABELS = {
    MaterialCode.B01: _("社区社会组织备案申请表"),
    MaterialCode.B02: _("简易章程"),
    MaterialCode.B03: _("负责人身份证明"),
    MaterialCode.B04: _("成员名册（从业人员名册）"),
    MaterialCode.B05: _("活动场所使用证明"),
    MaterialCode.B06: _("承诺书"),
    MaterialCode.B07: _("村（社区）意见"),
    MaterialCode.B08: _("成立会议记录（成员大会决议）"),
    MaterialCode.B09: _("公职人员兼职批准文件"),
}
HINTS = {
    MaterialCode.B02: _("成员大会通过的章程，每页清楚可读。"),
    MaterialCode.B05: _("产权、租赁或者无偿使用证明；村（居）委会可以出具。"),
    MaterialCode.B08: _("当地要求时提供。"),
    MaterialCode.B09: _("有关机关批准公职人员兼任负责人的文件。"),
}
OPTIONAL = (MaterialCode.B08,)
"""May be uploaded with any draft."""


@dataclass(frozen=True, slots=True)
class Item:
    """A material on the page."""

    code: MaterialCode
    label: str
    hint: str
    optional: bool
    kept: str
    """What is on file, in words; empty for nothing."""
    wanted: bool
    """It must still be uploaded."""


async def items(visit: Visit, filing: Filing) -> list[Item]:
    """What the page lists."""
    on_file = {one.code: one for one in filing.materials if one.file_id}
    if filing.state is FilingState.CORRECTION:
        open_now = progress.unanswered(filing)
        asked = [(code, False, code in open_now) for code in filing.correction_items]
    else:
        must = (await draft.checked(visit, filing)).uploads
        asked = [(code, False, code not in on_file) for code in must]
        asked += [(code, True, False) for code in OPTIONAL]
    return [item(code, optional, wanted, on_file.get(code)) for code, optional, wanted in asked]


def item(code: MaterialCode, optional: bool, wanted: bool, there: Material | None) -> Item:
    """One line of the page."""
    kept = f"{media(there.media_type)} · {size(there.size)}" if there else ""
    return Item(code, LABELS[code], hint(there, code), optional, kept, wanted)


def hint(there: Material | None, code: MaterialCode) -> str:
    """What the officer noted, else what to mind."""
    return there.note if there and there.note else HINTS.get(code, "")


def name_of(code: MaterialCode) -> str:
    """Name of the control."""
    return f"materials.{code.name}"
