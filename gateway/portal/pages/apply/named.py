"""The check of the name beyond what blocks it: what the applicant may want to change."""

from gateway.portal import Visit
from gateway.portal.wording import together, worded
from proto.gen.minzheng.filing.v1.filing_pb import CheckNameRequest, Filing, NameVerdict


async def remark(visit: Visit, filing: Filing) -> str:
    """Sentences of the findings that only warn; empty for none."""
    assert filing.form is not None
    assert filing.community is not None
    asked = CheckNameRequest(name=filing.form.name, community_code=filing.community.code)
    found = (await visit.ask(asked)).findings
    return together(worded(one.message) for one in found if one.verdict is NameVerdict.WARN)
