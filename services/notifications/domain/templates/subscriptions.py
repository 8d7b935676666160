"""Texts about the subscriptions of departments."""

from services.notifications.domain.templates.template import Template, Weight

SUBSCRIPTIONS = (
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
        Weight.URGENT,
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
        Weight.URGENT,
    ),
)
