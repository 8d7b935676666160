"""The states of SM-01 as its model knows them, and those in which a step may be tried."""

from collections.abc import Mapping

FINAL = ("REFUSED", "LAPSED", "WITHDRAWN", "EXPIRED")
"""No way leads out."""
ENDED = ("FILED", *FINAL)
LIVING = ("DRAFT", "SUBMITTED", "VILLAGE_REVIEW", "COMPLETENESS", "CORRECTION", "NOTICE_PERIOD")
STATES: Mapping[str, tuple[str, ...]] = {
    "give_opinion": ("VILLAGE_REVIEW",),
    "mark": ("COMPLETENESS",),
    "send_for_correction": ("COMPLETENESS",),
    "resubmit": ("CORRECTION",),
    "start_notice": ("COMPLETENESS",),
    "object_to": ("NOTICE_PERIOD",),
    "handle": ("NOTICE_PERIOD",),
    "propose": ("COMPLETENESS", "NOTICE_PERIOD", "RENEW_DUE"),
    "decide": ("COMPLETENESS", "NOTICE_PERIOD", "RENEW_DUE"),
    "renew": ("RENEW_DUE",),
    "withdraw": LIVING,
}
