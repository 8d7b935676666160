"""`/gov/saved`: the present filter of a list is saved under a name, or a saved one is removed."""

from urllib.parse import parse_qsl
from uuid import UUID

from gateway.portal import Response, Visit, _, action
from gateway.portal.pages.gov.desk import CASES, INBOX
from gateway.portal.query import address
from gateway.portal.saved import LONGEST, MOST, Saved
from kit.errors import invalid
from proto.gen.minzheng.filing.v1.filing_pb import ListFilingsRequest

ORGS, ME = "/gov/orgs", "/me"
LISTS = {
    INBOX: ("tab",),
    CASES: ("search", "state", "category", "place", "from", "to", "late", "size"),
    ORGS: ("search", "region", "category", "status"),
}
"""Lists and the conditions of each."""
LONGEST_CONDITION = 60


@action("/gov/saved", asks=ListFilingsRequest)
async def save(visit: Visit) -> Response:
    """Save it; what has its name at this list is replaced."""
    form = await visit.form()
    path, conditions = form["list"], dict(parse_qsl(form["conditions"]))
    told = {name: conditions.get(name, "")[:LONGEST_CONDITION] for name in LISTS.get(path, ())}
    query = address("", told).removeprefix("?")
    title = " ".join(form["title"].split())[:LONGEST]
    if not query or not title:
        raise invalid("portal.form", _("请先选择条件，并写明名称。"))
    one = Saved(id_of(form["saved_id"]), path, title, query)
    assert visit.saved is not None
    assert visit.who is not None
    kept = await visit.saved.keep(visit.who.account, one)
    if not kept:
        raise invalid(
            "portal.form", _("常用筛选已满 %(most)s 个，请先删除不用的。") % {"most": MOST}
        )
    return visit.go(one.path, said=_("已保存为常用筛选。"))


@action("/gov/saved/{saved_id}/remove", asks=ListFilingsRequest)
async def remove(visit: Visit) -> Response:
    """Remove one of the person's own; back to where it was shown."""
    form = await visit.form()
    assert visit.saved is not None
    assert visit.who is not None
    await visit.saved.remove(visit.who.account, id_of(visit.path["saved_id"]))
    back = form["back"]
    known = back.partition("?")[0] in (*LISTS, ME)
    return visit.go(back if known else ME, said=_("已删除常用筛选。"))


def id_of(text: str) -> UUID:
    """An id as it was sent. Raises Refusal 422."""
    try:
        return UUID(text)
    except ValueError:
        raise invalid("portal.form", _("请重新打开页面后再试。")) from None
