"""What departments may be told of: types of events, each with a sample of an organization nobody has."""

import json
from dataclasses import dataclass

from gateway.portal.language import gettext as _
from gateway.subscriptions.domain.changes import event_type
from gateway.subscriptions.domain.subscription import VERBS
from gateway.subscriptions.event import source
from kit.settings import settings
from proto.gen.minzheng.subscriptions.v1.subscriptions_pb import CloudEvent, OrganizationState

SAMPLE_ID = "018f3c5e-7b1a-7c3d-9e2f-0123456789ab"


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of events."""

    type: str
    title: str
    sample: str
    """One event as it is delivered, in JSON."""


def kinds() -> list[Kind]:
    """Every type, in the order of the life of an organization."""
    titles = {
        "filed": _("准予备案"),
        "changed": _("备案事项变动"),
        "cancelled": _("取消备案"),
        "registered": _("准予登记"),
        "graduated": _("由备案转为登记"),
        "deregistered": _("注销登记"),
        "revoked": _("撤销登记"),
        "banned": _("取缔"),
    }
    return [made(event_type(settings().province, verb), titles[verb]) for verb in VERBS]


def made(kind: str, title: str) -> Kind:
    """A type with its sample."""
    state = OrganizationState(
        organization_id=SAMPLE_ID, sequence=1, name="示例社区示例志愿服务队", regime="filed",
        organization_class="BA_FW", category="GYCS", filing_no="SQBA460106004000000001",
        community_code="460106004002", authority_code="460106004000", status="ACTIVE",
        effective_on="2026-03-02",
    )  # fmt: skip
    event = CloudEvent(
        specversion="1.0", id=SAMPLE_ID, source=source(), type=kind, subject=state.filing_no,
        time="2026-03-02T02:00:00Z", datacontenttype="application/json",
        dataschema=OrganizationState.desc().type_name, partitionkey=SAMPLE_ID, sequence="1",
        regioncode=state.community_code, data=state, classification="public",
    )  # fmt: skip
    return Kind(kind, title, printed(event))


def printed(event: CloudEvent) -> str:
    """An event as a person reads it."""
    told = json.loads(event.to_json(always_emit_implicit=True))
    return json.dumps(told, ensure_ascii=False, indent=2)


def titles() -> dict[str, str]:
    """Titles by type."""
    return {one.type: one.title for one in kinds()}


def fields() -> list[tuple[str, str]]:
    """Fields of the state of an organization, as events and the snapshot carry it."""
    meaning = {
        "organizationId": _("组织标识，各渠道一致"),
        "sequence": _("该组织公开变动的序号，连续不断"),
        "name": _("名称"),
        "regime": _("管理方式：filed 备案、registered 登记、guided 指导"),
        "organizationClass": _("组织类型代码"),
        "category": _("活动类别代码"),
        "filingNo": _("备案号"),
        "communityCode": _("社区代码，12 位"),
        "authorityCode": _("备案机关代码，12 位"),
        "status": _("状态：ACTIVE 正常、EXPIRED 备案已到期"),
        "effectiveOn": _("生效日期"),
        "validTo": _("有效期截止日期，未设有效期的为空"),
    }
    names = [field.json_name for field in OrganizationState.desc().fields]
    return [(name, meaning.get(name, name)) for name in names]
