"""The forms of a filing (BA-01), one a step: labels and order; the rules are the contract's."""

from functools import lru_cache

from gateway.portal import _
from gateway.portal.forms import Control, Field, Form, Rows
from gateway.portal.pages.apply.roster import roster
from kit.data import terms
from proto.gen.minzheng.filing.v1.filing_pb import UpdateDraftRequest

BASIC = Form(
    UpdateDraftRequest,
    Field(
        "form.name",
        _("组织名称"),
        _("依次写明行政区划、街道（乡镇）、社区、字号和业务内容，以“队”“社”“会”“中心”等组织形式结尾。"),
    ),
    Field("form.category", _("业务类别"), control=Control.SELECT),
    Field("form.premises.address", _("活动地址")),
    Field("form.fieldCodes", _("重点领域"), _("选择 1 至 3 项。"), choices=terms("FIELD")),
    Field("form.organizationClass", _("组织类别"), initial="BA_ST"),
    Field("form.activityScope", _("活动地域"), initial="COMMUNITY"),
    Field("form.premises.tenure", _("场所取得方式"), initial="FREE_USE"),
    Field("form.premises.provider", _("场所提供方"), _("自有场所不填。"), optional=True),
    Field("form.staffFull", _("专职人数"), zero="0", unit=_("人")),
    Field("form.staffPart", _("兼职人数"), zero="0", unit=_("人")),
    Field("form.fundFen", _("活动资金"), control=Control.MONEY, zero="0", optional=True),
)  # fmt: skip
CHARTER = Form(
    UpdateDraftRequest,
    Field("form.purpose", _("宗旨"), control=Control.TEXTAREA),
    Field("form.businessScope", _("业务范围"), control=Control.TEXTAREA),
    Field("form.charter.adoptedOn", _("章程通过日期"), control=Control.DATE),
    Field("form.charter.present", _("到会人数"), unit=_("人")),
    Field("form.charter.agreed", _("同意人数"), unit=_("人")),
    Field("form.targetGroups", _("服务对象"), _("选择 1 至 5 项。"), choices=terms("TARGET")),
    Field("form.charter.hasPartyClause", _("章程载明党建工作内容"), initial="true"),
    Field("form.charter.hasCoreValuesClause", _("章程载明践行社会主义核心价值观"), initial="true"),
)


@lru_cache(maxsize=1_000)
def people(community: str) -> Form:
    """Principals and members; who is not said to live elsewhere lives in the community."""
    return Form(
        UpdateDraftRequest,
        Field(
            "form.members",
            _("成员名册"),
            _("每行一名成员，可从表格粘贴。单位成员在名称后写“，单位”；不住在本社区的居民写“，外社区”。"),
            control=Control.LINES,
            lines=roster(community),
        ),
        Rows(
            "form.principals",
            _("负责人"),
            (
                Field("name", _("姓名")),
                Field("idNumber", _("身份证号码"), control=Control.IDENTITY),
                Field("phone", _("手机号码"), control=Control.PHONE),
                Field("position", _("职务"), initial="负责人"),
                Field("isOfficial", _("现任公职人员")),
            ),
            least=2,
        ),
    )  # fmt: skip
