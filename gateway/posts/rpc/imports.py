"""Posts imported from a spreadsheet: looked at, proposed, confirmed or declined."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache

from grpc.aio import ServicerContext

from gateway.posts import imports, view
from gateway.posts.domain import Post
from gateway.posts.holders import holder
from gateway.posts.import_store import Imports
from gateway.posts.imports import Fault, PostImport
from gateway.posts.persons import Holder
from gateway.posts.rpc.work import actor, page_after, page_of, reach
from gateway.posts.spreadsheet import lines
from gateway.posts.store import Posts
from gateway.uploads.sandbox import Sandbox
from kit.calendar import Moment
from kit.call import current
from kit.ids import uuid7
from kit.regions import hainan
from kit.unit import Unit
from proto.gen.minzheng.common.v1.access_pb import Role
from proto.gen.minzheng.posts.v1 import posts_pb as pb

MOST_FAULTS = 1000
NOT_GRANTED = (Role.UNSPECIFIED, Role.ANONYMOUS, Role.RESIDENT, Role.SYSTEM)
"""What GrantPost refuses by its contract."""


class Importing:
    """Imports of security administrators."""

    posts: Posts
    unit: Unit
    imports: Imports
    sandbox: Sandbox

    async def preview_post_import(
        self, request: pb.PreviewPostImportRequest, context: ServicerContext
    ) -> pb.PreviewPostImportResponse:
        """What would become of every row; nothing is written."""
        posts, wrong, _ = await self._judged(request.content)
        return pb.PreviewPostImportResponse(
            right=len(posts),
            wrong=len({fault.row for fault in wrong}),
            faults=[view.fault(one) for one in wrong[:MOST_FAULTS]],
        )

    async def propose_post_import(
        self, request: pb.ProposePostImportRequest, context: ServicerContext
    ) -> pb.ProposePostImportResponse:
        """All rows proposed, or none."""

        async def attempt() -> pb.ProposePostImportResponse:
            posts, wrong, moment = await self._judged(request.content)
            draft = _draft(request, len(posts), moment)
            kept = imports.proposed(draft, posts, wrong)
            answer = pb.ProposePostImportResponse(import_=view.post_import(draft))
            await self.imports.start(draft, kept, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.ProposePostImportResponse, attempt)

    async def list_post_imports(
        self, request: pb.ListPostImportsRequest, context: ServicerContext
    ) -> pb.ListPostImportsResponse:
        """Imports in reach, newest first."""
        size, after = page_of(request.page)
        found = await self.imports.listed(current().who.scope, size, after)
        return pb.ListPostImportsResponse(
            imports=[view.post_import(one) for one in found[:size]],
            page=page_after([one.import_id for one in found], size),
        )

    async def confirm_post_import(
        self, request: pb.ConfirmPostImportRequest, context: ServicerContext
    ) -> pb.ConfirmPostImportResponse:
        """All posts of an import in force, or none."""

        async def attempt() -> pb.ConfirmPostImportResponse:
            scope = current().who.scope
            found, posts, moment = await self.imports.load(request.import_id, scope)
            held, _ = await self.posts.held_by(post.account for post in posts)
            after, outcomes = imports.confirm_all(found, posts, held, actor(), moment)
            answer = pb.ConfirmPostImportResponse(import_=view.post_import(after))
            await self.imports.confirm(after, outcomes, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.ConfirmPostImportResponse, attempt)

    async def decline_post_import(
        self, request: pb.DeclinePostImportRequest, context: ServicerContext
    ) -> pb.DeclinePostImportResponse:
        """An import sent back, also by who proposed it."""

        async def attempt() -> pb.DeclinePostImportResponse:
            found, _, moment = await self.imports.load(request.import_id, current().who.scope)
            after = imports.decline(found, actor(), request.reason, moment)
            answer = pb.DeclinePostImportResponse(import_=view.post_import(after))
            await self.imports.decline(after, moment, request, answer)
            return answer

        return await self.unit.once(request, pb.DeclinePostImportResponse, attempt)

    async def _judged(self, content: bytes) -> tuple[list[Post], Sequence[Fault], Moment]:
        table = await lines(content, self.sandbox)
        wishes, unread = imports.read(table, roles(), lambda: str(uuid7()))
        held, moment = await self.posts.held_by(
            [current().who.subject, *(wish.account for wish in wishes)]
        )

        def identify(wish: imports.Wish) -> Holder:
            return holder(self.unit.keyring, wish.asked.post_id, wish.id_number, moment.today)

        posts, refused = imports.judge(wishes, held, actor(), moment, hainan(), reach, identify)
        return posts, sorted([*unread, *refused], key=lambda fault: fault.row), moment


def _draft(request: pb.ProposePostImportRequest, rows: int, moment: Moment) -> PostImport:
    who = current().who
    return PostImport(
        import_id=request.import_id,
        region_path=who.region_path,
        rows=rows,
        sha256=hashlib.sha256(request.content).hexdigest(),
        proposed_by=who.subject,
        proposed_key=who.person_key,
        proposed_at=moment.at,
    )


@cache
def roles() -> Mapping[str, str]:
    """Roles that may be granted, by Chinese name and by code."""
    known = [role for role in Role if role not in NOT_GRANTED]
    by_name = {imports.named(view.role_name(role.name)): role.name for role in known}
    return by_name | {role.name: role.name for role in known}
