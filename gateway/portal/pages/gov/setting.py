"""Setting a rule: looked at first, then in force from its day for what is received from then on."""

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.gov.rules import shown
from gateway.portal.query import address, chosen
from kit.errors import Refusal
from proto.gen.minzheng.filing.v1 import rules_pb as pb

LABELS = {
    "value": "数值", "effective_from": "施行日期", "basis.title": "依据文件标题",
    "basis.document_no": "依据文件文号", "basis.issuer": "依据文件制定机关", "basis.issued_on": "依据文件印发日期",
}  # fmt: skip


@action("/gov/rules/{key}", asks=pb.SetRuleRequest)
async def set_rule(visit: Visit) -> Response:
    """The first sending shows what would change, the second one sets it."""
    form = await visit.form()
    asked = pb.SetRuleRequest(
        request_id=form["request_id"],
        key=visit.path["key"],
        region_code=form["region_code"],
        lowered_class=chosen(pb.LoweredClass, form["lowered_class"]),
        value=form["value"],
        effective_from=form["effective_from"],
        basis=pb.Basis(
            title=form["basis.title"],
            document_no=form["basis.document_no"],
            issuer=form["basis.issuer"],
            issued_on=form["basis.issued_on"],
        ),
    )
    if form["sure"] != "yes":
        return await shown(visit, asked)
    try:
        await visit.ask(asked)
    except Refusal as refusal:
        return await shown(visit.refused(refusal, LABELS), None)
    here = address(f"/gov/rules/{visit.path['key']}", region=form["region_code"])
    return visit.go(here, _("规则已设定。"))
