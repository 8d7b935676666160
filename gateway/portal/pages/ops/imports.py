"""`/ops/users/imports`: a spreadsheet of posts looked at, proposed, confirmed or sent back."""

from hashlib import sha256

from gateway.portal import Response, Visit, _, action, page
from gateway.portal.ops.posts import may_grant
from kit.errors import Refusal, Violation, invalid
from kit.ids import uuid7
from proto.gen.minzheng.posts.v1.posts_pb import (
    ConfirmPostImportRequest,
    DeclinePostImportRequest,
    ListPostImportsRequest,
    PreviewPostImportRequest,
    PreviewPostImportResponse,
    ProposePostImportRequest,
)

PATH = "/ops/users/imports"


@page(PATH, asks=ListPostImportsRequest)
async def imports(visit: Visit) -> Response:
    """Imports, newest first."""
    return await shown(visit)


async def shown(
    visit: Visit, seen: PreviewPostImportResponse | None = None, digest: str = ""
) -> Response:
    """The page; `seen` is what a file would do, `digest` which file."""
    rows = (await visit.ask(ListPostImportsRequest())).imports
    return visit.show("ops/imports.html", rows=rows, seen=seen, digest=digest, may=may_grant(visit))


async def content_of(visit: Visit) -> bytes:
    """The file that was sent. Refusal 422 without one."""
    file = (await visit.form()).file("table")
    if file is None:
        sentence = _("请选择文件。")
        raise invalid("portal.no_file", sentence, Violation("table", "file", sentence))
    return await file.read()


@action(f"{PATH}/preview", asks=PreviewPostImportRequest)
async def preview(visit: Visit) -> Response:
    """What every row would do; nothing is written."""
    try:
        content = await content_of(visit)
        seen = await visit.ask(PreviewPostImportRequest(request_id=str(uuid7()), content=content))
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return await shown(visit, seen, sha256(content).hexdigest())


@action(f"{PATH}/propose", asks=ProposePostImportRequest)
async def propose(visit: Visit) -> Response:
    """All rows of the file that was looked at, or none."""
    form = await visit.form()
    try:
        content = await content_of(visit)
        if sha256(content).hexdigest() != form["digest"]:
            sentence = _("不是预检过的文件，请重新预检。")
            raise invalid("portal.other_file", sentence, Violation("table", "file", sentence))
        await visit.ask(ProposePostImportRequest(import_id=form["importId"], content=content))
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return visit.go(PATH, said=_("已提出导入，须由另一位安全管理员复核后生效。"))


@action(f"{PATH}/{{post_import}}/confirm", asks=ConfirmPostImportRequest)
async def confirm(visit: Visit) -> Response:
    """All posts in force, or none."""
    about, form = visit.path["post_import"], await visit.form()
    await visit.ask(ConfirmPostImportRequest(import_id=about, request_id=form["request_id"]))
    return visit.go(PATH, said=_("已复核，全部岗位生效。"))


@action(f"{PATH}/{{post_import}}/decline", asks=DeclinePostImportRequest)
async def decline(visit: Visit) -> Response:
    """Sent back."""
    about, form = visit.path["post_import"], await visit.form()
    request = DeclinePostImportRequest(
        import_id=about, request_id=form["request_id"], reason=form["reason"]
    )
    try:
        await visit.ask(request)
    except Refusal as refusal:
        return await shown(visit.refused(refusal))
    return visit.go(PATH, said=_("已退回，没有岗位生效。"))
