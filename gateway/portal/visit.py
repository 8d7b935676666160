"""A visit: one request for a page, who sends it, what it may ask and how it is answered."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protobuf import Message
from starlette.datastructures import QueryParams, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.calling import Calling, rpc_of
from gateway.downloads import streamed
from gateway.portal import answers, kept
from gateway.portal.address import place
from gateway.portal.aside import forget
from gateway.portal.display import Display
from gateway.portal.environment import render
from gateway.portal.form import Form, read_form
from gateway.portal.headers import PRIVATE, is_partial
from gateway.portal.named import COMMON, named
from gateway.portal.saved import SavedFilters
from gateway.problems import HttpError
from gateway.uploads.inspection.media import extension_of
from kit.access import in_state
from kit.errors import Kind, Refusal, Violation, invalid
from kit.ids import uuid7
from kit.receipts import Receipt
from proto.gen.minzheng.common.v1.access_pb import Role

RESIDENT = "居民"
"""Title of who acts under no post."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is signed in, under which post."""

    account: str
    name: str = field(repr=False)
    role: Role
    post: str
    """Title of the post, e.g. 街道经办·海口市龙华区大同街道."""
    region: str
    """Code of its region; empty for the resident."""
    organization_id: str
    form_value: str = field(repr=False)
    whose: str = field(default="", repr=False)
    """The account, sealed: says whose a form is when the session is over."""


Take = Callable[[str, UploadFile], Awaitable[tuple[Receipt, str]]]
"""Looks into a file of an account and keeps it; the receipt and its signed form."""
Read = Callable[[str], Awaitable[AsyncIterator[bytes]]]
"""The content of a kept file by its id, for whoever a service has told it."""


@dataclass
class Visit:
    """One request for a page."""

    request: Request
    calling: Calling | None
    """None where a page asks nobody."""
    display: Display
    who: Who | None = None
    menu: Sequence[Any] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was typed before: a refused form, or one put aside to verify the person again."""
    errors: Sequence[Violation] = ()
    problem: Refusal | None = None
    status: int = 200
    shared: bool = False
    """Everybody sees the same: may be kept for a minute."""
    sent: Form | None = None
    take: Take | None = field(default=None, repr=False)
    saved: SavedFilters | None = field(default=None, repr=False)
    """Filters that persons saved; None where nobody can be signed in."""
    read: Read | None = field(default=None, repr=False)
    aside: Sequence[tuple[str, str]] = ()
    """What was put aside at this page, every value of every field."""

    @property
    def query(self) -> QueryParams:
        """Parameters of the address."""
        return self.request.query_params

    @property
    def path(self) -> Mapping[str, str]:
        """Variables of the address."""
        return self.request.path_params

    @property
    def here(self) -> str:
        """Address of the page with its parameters; of a form that was sent, the page it was on."""
        return place(self.request)

    @property
    def role(self) -> Role:
        """Role of the post; ANONYMOUS without a session."""
        return self.who.role if self.who else Role.ANONYMOUS

    @property
    def form_value(self) -> str:
        """Hidden value of every form."""
        return self.who.form_value if self.who else ""

    @property
    def whose(self) -> str:
        """Hidden value of every form, beside the other."""
        return self.who.whose if self.who else ""

    @property
    def language(self) -> str:
        """`zh-CN` or `en`."""
        return self.display.language

    @property
    def partial(self) -> bool:
        """A script asks for a part of the page."""
        return is_partial(self.request.headers)

    def may(self, request: type[Message], state: str = "") -> bool:
        """The contract offers the role what that request asks, for a thing in that state."""
        rows = [row for row in rpc_of(request).access.rows if self.role in row.roles]
        return any(not state or in_state(row, state) for row in rows)

    def new_id(self) -> str:
        """Key for a thing or a request that a form will make: a UUIDv7."""
        return str(uuid7())

    async def ask(self, message: Message) -> Any:
        """A service's answer. Raises Refusal, also what the service refused."""
        assert self.calling is not None
        return await self.calling.ask(self.request, message)

    async def keep(self, file: UploadFile) -> tuple[Receipt, str]:
        """Keep a file that came with a form. Raises Refusal with what is wrong with it."""
        assert self.take is not None
        assert self.who is not None
        try:
            return await self.take(self.who.account, file)
        except HttpError as error:
            raise invalid(error.problem.code, error.problem.detail) from error

    async def kept_file(self, file_id: str, name: str, media_type: str, size: int) -> Response:
        """A file that a service named, as a download under `name`. Refusal 404 where it is gone."""
        assert self.read is not None
        content = await self.read(file_id)
        return streamed(content, f"{name}.{extension_of(media_type)}", media_type, size)

    async def form(self) -> Form:
        """What was sent."""
        if self.sent is None:
            self.sent = await read_form(self.request)
            self.typed = self.sent.texts
        return self.sent

    def refused(self, refusal: Refusal, labels: Mapping[str, str] = COMMON) -> "Visit":
        """The visit as it goes on after a refusal: the same page with what was typed and why.

        `labels`: Chinese labels by field, the subjects of the contract's sentences. Raises the
        refusal again where no form can mend it.
        """
        if refusal.kind not in (Kind.INVALID, Kind.MALFORMED, Kind.CONFLICT, Kind.STALE):
            raise refusal
        self.problem, self.status = refusal, refusal.kind.http
        self.errors = named(refusal, labels, self.typed)
        return self

    def ticked(self, key: str, values: Sequence[str]) -> list[str]:
        """What is ticked of a field: what was sent, or `values` before that."""
        if self.sent is not None:
            return self.sent.all(key)
        if self.aside:
            return [text for name, text in self.aside if name == key]
        return [self.typed[key]] if key in self.typed else [str(value) for value in values]

    def error(self, path: str) -> str:
        """Sentence of what is wrong with a field; empty where nothing is."""
        return next((one.message for one in self.errors if one.field == path), "")

    def show(self, page: str, /, part: str = "", **values: Any) -> Response:
        """The page, or the part of it that a script asked for; names are below `templates/pages/`."""
        partial = bool(part) and self.partial
        name = f"pages/{part if partial else page}"
        said = "" if partial else kept.said(self.request)
        html = render(name, visit=self, said=said, **values)
        response = answers.html(self, html)
        if said:
            kept.drop_said(response)
        if self.aside:
            forget(response)
        return response

    def go(self, path: str, said: str = "") -> Response:
        """On to another page (303), where `said` is shown once."""
        response = RedirectResponse(path, 303, PRIVATE)
        if said:
            kept.say(response, said)
        return response
