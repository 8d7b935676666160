"""Texts of the messages, versioned: a text is never changed, it gets a next version.

Placeholders are public values of facts, so no template can show personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Template:
    """Subject and body with `{placeholders}`."""

    name: str
    version: int
    subject: str
    body: str

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body; KeyError names a placeholder without value."""
        return self.subject.format_map(values), self.body.format_map(values)


ALL = (
    Template(
        "filing_received",
        1,
        "已收件：{name}",
        "您提交的“{name}”备案申请已由{authority}收件，申请编号{application_no}，"
        "收件日期{received_on}。备案机关将进行完整性审核，办理期限至{decide_due}。",
    ),
    Template(
        "opinion_asked",
        1,
        "请出具意见：{name}",
        "“{name}”拟在{community}辖区开展活动，已申请备案，申请编号{application_no}。"
        "请于{opinion_due}前（含当日）出具意见；逾期未反馈的，备案程序继续进行。",
    ),
    Template(
        "review_due",
        1,
        "待完整性审核：{name}",
        "{community}辖区的“{name}”的备案申请已收件，申请编号{application_no}，"
        "收件日期{received_on}。请进行完整性审核，办理期限至{decide_due}。",
    ),
    Template(
        "opinion_recorded",
        1,
        "待完整性审核：{name}",
        "{community}对“{name}”的备案申请的意见已记录（{village_opinion}），"
        "自{recorded_on}起转入完整性审核。意见不影响完整性审核，办理期限至{decide_due}。",
    ),
    Template(
        "correction_asked",
        1,
        "一次性告知补正：{name}",
        "您提交的“{name}”备案申请需要补正，现一次性告知补正内容：{missing}。"
        "请于{correction_due}前（含当日）补正；逾期未补正的，视为撤回。",
    ),
    Template(
        "correction_made",
        1,
        "已补正：{name}",
        "申请人已于{resubmitted_on}补正{community}辖区的“{name}”的备案材料，请继续进行完整性审核。",
    ),
    Template(
        "filing_lapsed",
        1,
        "视为撤回：{name}",
        "您提交的“{name}”备案申请逾期未补正，自{lapsed_on}起视为撤回。需要备案的，可以重新申请。",
    ),
    Template(
        "filing_lapsed_here",
        1,
        "视为撤回：{name}",
        "{community}辖区的“{name}”的备案申请逾期未补正，自{lapsed_on}起视为撤回，该办件终止办理。",
    ),
    Template(
        "notice_started",
        1,
        "公示开始：{name}",
        "您提交的“{name}”备案申请已由{authority}公示，公示期至{notice_ends}。",
    ),
    Template(
        "notice_in_community",
        1,
        "公示开始：{name}",
        "{community}辖区的“{name}”的备案申请已开始公示，公示期至{notice_ends}。"
        "居民有异议的，请告知其在公示期内向{authority}提出。",
    ),
    Template(
        "organization_filed",
        1,
        "准予备案：{name}",
        "您提交的“{name}”备案申请，经{authority}完整性审核，于{filed_on}准予备案。"
        "文号：{printed_no}；备案编号：{filing_no}。{validity}请依照承诺书和章程开展活动。",
    ),
    Template(
        "filed_in_community",
        1,
        "准予备案：{name}",
        "{community}辖区的“{name}”已于{filed_on}由{authority}准予备案。"
        "文号：{printed_no}；备案编号：{filing_no}。{validity}",
    ),
    Template(
        "filed_in_county",
        1,
        "新增备案：{name}",
        "{authority}已于{filed_on}准予{community}辖区的“{name}”备案。"
        "文号：{printed_no}；备案编号：{filing_no}。{validity}",
    ),
    Template(
        "objection_taken_up",
        1,
        "异议已受理：{name}",
        "公示期内有居民对“{name}”的备案申请提出异议（{ground}），"
        "{authority}已于{objected_on}受理并转入审核，公示相应中止。处理结果将另行告知。",
    ),
    Template(
        "objection_raised",
        1,
        "居民提出异议：{name}",
        "居民于{raised_on}对{community}辖区的“{name}”的备案申请提出异议（{ground}），"
        "请核实后答复，或者受理并转入审核；异议未处理的，不能准予备案。",
    ),
    Template(
        "objection_recorded",
        1,
        "居民意见备查：{name}",
        "居民于{raised_on}对{community}辖区的“{name}”的备案申请提出意见，"
        "未列明规定的异议理由，已记录备查，不影响备案办理。",
    ),
    Template(
        "objection_followed",
        1,
        "您的异议已受理：{name}",
        "您对“{name}”的备案申请提出的异议（{ground}），{authority}已于{objected_on}受理并转入审核，"
        "公示相应中止。处理结果将另行告知。",
    ),
    Template(
        "objection_answered",
        1,
        "您的异议已答复：{name}",
        "您对“{name}”的备案申请提出的异议，{authority}已于{answered_on}答复：{finding}。"
        "答复内容请在您的异议中查看。",
    ),
    Template(
        "objection_and_filed",
        1,
        "您的异议的处理结果：{name}",
        "您提出异议的“{name}”的备案申请，{authority}经审核，已于{filed_on}准予备案。"
        "对异议的处理意见请在您的异议中查看。",
    ),
    Template(
        "objection_and_refused",
        1,
        "您的异议的处理结果：{name}",
        "您提出异议的“{name}”的备案申请，{authority}已于{decided_on}决定不予备案。",
    ),
    Template(
        "objection_ended",
        1,
        "您的异议的处理结果：{name}",
        "您提出异议的“{name}”的备案申请已由申请人撤回或者视为撤回，该办件终止办理，"
        "{authority}不再对异议作出处理意见。",
    ),
    Template(
        "guidance_written",
        1,
        "县级业务指导：{name}",
        "县级民政部门于{guided_on}对{community}辖区的“{name}”的备案事项提出指导意见，请查看。"
        "指导意见不代替备案机关作出决定。",
    ),
    Template(
        "limit_near",
        1,
        "时限提醒：{name}",
        "{community}辖区的“{name}”的备案申请，{limit}的期限至{clock_due}（含当日），"
        "时间已用{level}%，请及时办理。",
    ),
    Template(
        "limit_passed",
        1,
        "超期提醒：{name}",
        "{community}辖区的“{name}”的备案申请，{limit}的期限为{clock_due}，已经超期，"
        "{authority}尚未办结，请督促办理。",
    ),
    Template(
        "notice_over",
        1,
        "公示期满：{name}",
        "{community}辖区的“{name}”的备案申请的公示期已于{clock_due}届满，"
        "请处理异议（如有）并提出拟办意见。",
    ),
    Template(
        "return_ends",
        1,
        "补正告知期限届满：{name}",
        "{community}辖区的“{name}”的备案申请，一次性告知补正的期限至{clock_due}（含当日）。"
        "材料缺少或者无法辨认的，请在期限内一次性告知；期满后不能再要求补正。",
    ),
    Template(
        "limit_near",
        2,
        "时限提醒：{name}",
        "{community}辖区的“{name}”的{matter}，{limit}的期限至{clock_due}（含当日），"
        "时间已用{level}%，请及时办理。",
    ),
    Template(
        "limit_passed",
        2,
        "超期提醒：{name}",
        "{community}辖区的“{name}”的{matter}，{limit}的期限为{clock_due}，已经超期，"
        "{authority}尚未办结，请督促办理。",
    ),
    Template(
        "renewal_due",
        1,
        "请申请换发：{name}",
        "“{name}”（备案编号：{filing_no}）的备案有效期至{valid_to}（含当日）。需要继续开展活动的，"
        "请在有效期内申请换发；期满未申请的，备案到期，不再有效。",
    ),
    Template(
        "renewal_near",
        1,
        "换发提醒：{name}",
        "“{name}”的备案有效期至{clock_due}（含当日），尚未申请换发。请在有效期内申请；"
        "期满未申请的，备案到期，不再有效。",
    ),
    Template(
        "renewal_received",
        1,
        "换发申请已收件：{name}",
        "“{name}”（备案编号：{filing_no}）的换发申请已由{authority}于{received_on}收件，"
        "办理期限至{decide_due}。办理期间有效期届满的，不影响换发。",
    ),
    Template(
        "renewal_to_decide",
        1,
        "待办换发：{name}",
        "{community}辖区的“{name}”（备案编号：{filing_no}）已于{received_on}申请换发，"
        "请提出拟办意见，办理期限至{decide_due}。",
    ),
    Template(
        "filing_renewed",
        1,
        "准予换发：{name}",
        "“{name}”经{authority}于{renewed_on}准予换发，备案编号不变：{filing_no}。{validity}"
        "请依照承诺书和章程开展活动。",
    ),
    Template(
        "renewed_in_community",
        1,
        "准予换发：{name}",
        "{community}辖区的“{name}”已于{renewed_on}由{authority}准予换发，"
        "备案编号不变：{filing_no}。{validity}",
    ),
    Template(
        "filing_expired",
        1,
        "备案已到期：{name}",
        "“{name}”（备案编号：{filing_no}）的备案有效期至{valid_to}，期满未申请换发，"
        "自{expired_on}起备案不再有效。需要继续开展活动的，请重新申请备案。",
    ),
    Template(
        "filing_expired_here",
        1,
        "备案已到期：{name}",
        "{community}辖区的“{name}”（备案编号：{filing_no}）的备案有效期至{valid_to}，"
        "期满未申请换发，自{expired_on}起备案不再有效。",
    ),
    # The remedy is the general one of administrative review and litigation law; the wording of
    # each county is to be confirmed before go-live and then enters as a next version.
    Template(
        "filing_refused",
        1,
        "不予备案：{name}",
        "您提交的“{name}”备案申请，{authority}于{decided_on}决定不予备案，理由：{grounds}。"
        "不服本决定的，可以自收到决定之日起六十日内依法申请行政复议，"
        "或者自收到决定之日起六个月内依法提起行政诉讼。",
    ),
    Template(
        "filing_withdrawn",
        1,
        "已撤回：{name}",
        "申请人已于{withdrawn_on}撤回{community}辖区的“{name}”的备案申请，该办件终止办理。",
    ),
    Template(
        "subscription_requested",
        1,
        "待批准事件订阅：{region}",
        "有部门于{requested_on}申请订阅{region}的社会组织变动事件，请核对接收地址、网段和用途后批准或不批准。",
    ),
    Template(
        "subscription_approved",
        1,
        "已批准事件订阅：{region}",
        "您申请的{region}社会组织变动事件订阅已于{decided_on}批准。请领取签名密钥并进行试送达，试送达成功后开通。",
    ),
    Template(
        "subscription_refused",
        1,
        "不批准事件订阅：{region}",
        "您申请的{region}社会组织变动事件订阅于{decided_on}未获批准，理由见该订阅。",
    ),
    Template(
        "subscription_paused",
        1,
        "事件推送已暂停：{region}",
        "{region}的事件推送已于{paused_on}由{stopper}暂停。期间的事件均予保留，恢复后继续送达；"
        "也可以随时从事件目录拉取。",
    ),
    Template(
        "subscription_paused_in_region",
        1,
        "部门接收地址长期不通：{region}",
        "{region}的一个事件订阅重试期满仍未送达，平台已于{paused_on}暂停推送，请联系订阅部门。",
    ),
    Template(
        "subscription_ended",
        1,
        "事件订阅已终止：{region}",
        "{region}的事件订阅已于{ended_on}由{stopper}终止。需要继续接收的，请重新申请。",
    ),
)


def latest() -> Mapping[str, Template]:
    """The version in force of every template."""
    newest: dict[str, Template] = {}
    for template in sorted(ALL, key=lambda one: one.version):
        newest[template.name] = template
    return newest


CURRENT = MappingProxyType(latest())
