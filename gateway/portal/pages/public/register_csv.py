"""`/register.csv`: the list of the register as a file."""

from gateway.portal import Response, Visit, download, page
from gateway.portal.filters import term, word
from gateway.portal.pages.public.register import asked, conditions, in_words
from gateway.portal.sheets import MOST, sheet
from kit.sheets import MEDIA
from proto.gen.minzheng.common.v1.file_pb import FileContent
from proto.gen.minzheng.supervision.v1.register_pb import Organization, OrganizationStatus

HEADS = ("名称", "备案号", "社区", "备案机关", "业务类别", "状态", "备案日期", "有效期至")


@page("/register.csv", shared=False)
async def as_csv(visit: Visit) -> Response:
    """The list as a file; at most 2,000 rows."""
    sought, rows, token = conditions(visit), list[Organization](), ""
    while len(rows) < MOST:
        found = await visit.ask(asked(sought, 100, token))
        rows += found.organizations
        token = found.page.next_token if found.page else ""
        if not token:
            break
    told = "，".join(text for text, _path in in_words(sought)) or "全部"
    content = sheet(told, HEADS, map(cells, rows))
    return download(FileContent(name="社会组织名录.csv", media_type=MEDIA["CSV"], content=content))


def cells(one: Organization) -> list[str]:
    """A row of the file."""
    places = [
        one.community.full_name if one.community else "",
        one.authority.full_name if one.authority else "",
    ]
    status = word(OrganizationStatus(one.status))
    return [
        one.name,
        one.filing_no,
        *places,
        term(one.category, "CATEGORY"),
        status,
        one.filed_on,
        one.valid_to,
    ]
