"""No address reaches anything but what two persons registered: 80 URL forms, rebinding, redirects."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from gateway.subscriptions.delivering import egress
from gateway.subscriptions.delivering.outbound import Outbound
from gateway.subscriptions.domain.address import Target, target
from kit.errors import Refusal
from kit.settings import Settings
from tests.sink import LOCAL, NAME, Authority, Sink, always

WHOLE = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""A province that allows too much: the registration alone has to hold."""
OWN = "127.9.0.0/24"
CANARIES = ("127.0.0.1", "127.1.2.3", "::1")


@dataclass
class Canary:
    """Everything on this machine that nobody registered, on one port number."""

    port: int = 0
    connections: int = 0
    servers: list[asyncio.Server] = field(default_factory=list)

    async def start(self) -> None:
        for host in CANARIES:
            server = await asyncio.start_server(self._touched, host, self.port)
            self.port = server.sockets[0].getsockname()[1]
            self.servers.append(server)

    async def _touched(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.transport.abort()


@pytest.fixture
async def canary(postgres: Settings) -> AsyncIterator[Canary]:
    """Listeners nobody may connect to."""
    found = Canary()
    await found.start()
    yield found
    for server in found.servers:
        server.close()
        await server.wait_closed()


def forms(port: int) -> list[str]:
    """URLs that some reader somewhere takes for a listener of this machine."""
    hosts = [
        "127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433",
        "017700000001", "127.0.0.01", "127.000.000.001", "127.0.0.1.", "127.1.2.3", "0.0.0.0", "0",  # noqa: S104
        "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "[::1]",
        "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::1%25lo]", "[::1%lo]",
        "[fe80::1]", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127。0。0。1", "127.0.0.1%00.dept.example.cn",
        "127.0.0.1%2f", "127.0.0.1\t", "127.0.0.1\n", " 127.0.0.1", "127.0.0.1 ",
        "sub.dept.example.cn@127.0.0.1", "user:pw@127.0.0.1", "127.0.0.1#", "127.0.0.1?",
        "127.0.0.1\\@sub.dept.example.cn", "127.0.0.1\\", "127.0.0.1;", "127.0.0.1,", "127.0.0.1&",
        "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127.0.0.1.nip.io", "canary.dept.example.cn",
        "xn--127-0.example.cn", "sub..example.cn", "-sub.example.cn", "sub-.example.cn",
        "[127.0.0.1]", "[::1", "::1", "", ".", "*", "127.0.0.1:80:90",
    ]  # fmt: skip
    whole = [
        f"http://127.0.0.1:{port}/", f"HTTPS://127.0.0.1:{port}/", f"https:/127.0.0.1:{port}/",
        f"https:127.0.0.1:{port}/", f"//127.0.0.1:{port}/", f"https:///127.0.0.1:{port}/",
        f"https://\\127.0.0.1:{port}/", f"gopher://127.0.0.1:{port}/_x",
        f"file://127.0.0.1:{port}/etc/passwd", f"ftp://127.0.0.1:{port}/",
        f"https://127.9.0.1@127.0.0.1:{port}/", f"https://127.0.0.1:0{port}/",
        f"https://127.0.0.1:{port + 65536}/", f"https://127.0.0.1:+{port}/",
        f"https://127.0.0.1:{port}/../", f"https://127.0.0.1:{port}/%2e%2e/",
        f"https://127.0.0.1:{port}/a?x=1", f"https://127.0.0.1:{port}/a#b",
        f"https://127.0.0.1:{port}//a", f"https://127.0.0.1:{port}/\r\nX: y",
    ]  # fmt: skip
    return [f"https://{host}:{port}/events" for host in hosts] + whole


async def to_the_canary(host: str, port: int) -> Sequence[str]:
    """A name server in the wrong hands: everything is this machine."""
    return ["127.0.0.1"]


async def test_80_forms_reach_no_canary(canary: Canary, authority: Authority) -> None:
    """Refused when asked for, or refused at the connection: never a connection elsewhere."""
    tried = forms(canary.port)
    assert len(tried) >= 80
    accepted, codes = [], set()
    post = Outbound(WHOLE, authority.client(), 5.0, to_the_canary)
    for url in tried:
        try:
            where = target(url, [OWN], WHOLE)
        except Refusal as refused:
            codes.add(refused.code)
            continue
        accepted.append(url)
        assert (await post.post(where, {}, b"{}")).outcome == "ADDRESS"
    await post.close()
    assert {url.split("/")[2].rsplit(":", 1)[0] for url in accepted} == {
        "127.0.0.1.nip.io", "canary.dept.example.cn", "localhost.localdomain",
        "xn--127-0.example.cn",
    }, "names are judged by where they lead"  # fmt: skip
    assert codes == {"subscriptions.url", "subscriptions.network"}
    assert canary.connections == 0


async def test_the_canary_can_be_touched(canary: Canary, authority: Authority) -> None:
    """Control: registered, the same listener is reached."""
    where = target(f"https://canary.dept.example.cn:{canary.port}/", ["127.0.0.0/16"], WHOLE)
    post = Outbound(WHOLE, authority.client(), 5.0, to_the_canary)
    assert (await post.post(where, {}, b"{}")).outcome != "ADDRESS"
    await post.close()
    assert canary.connections == 1


def registered(sink: Sink) -> Target:
    """The department's name and network."""
    return target(f"https://{NAME}:{sink.port}/events", [OWN], WHOLE)


async def test_a_rebinding_name_server_reaches_no_canary(
    canary: Canary, authority: Authority
) -> None:
    """Good and bad answers in turn: what was looked at is what is connected to."""
    asked = 0

    async def rebinding(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return [LOCAL] if asked % 2 else ["127.0.0.1"]

    async with Sink(authority, port=canary.port) as sink:
        seen = []
        for _ in range(20):
            post = Outbound(WHOLE, authority.client(), 5.0, rebinding)
            seen.append((await post.post(registered(sink), {"webhook-id": "x"}, b"{}")).outcome)
            await post.close()
        assert seen == ["DELIVERED", "ADDRESS"] * 10
        assert (asked, len(sink.received)) == (20, 10), "one look-up a connection"
    assert canary.connections == 0


@pytest.mark.parametrize(
    "answer",
    [[], [LOCAL, "127.0.0.1"], ["127.0.0.1", LOCAL], ["::1"], ["::ffff:127.0.0.1"], ["0.0.0.0"],  # noqa: S104
     ["169.254.169.254"], ["127.9.1.1"]],
)  # fmt: skip
async def test_one_foreign_address_among_good_ones_is_enough(
    canary: Canary, authority: Authority, answer: list[str]
) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return answer

    async with Sink(authority, port=canary.port) as sink:
        post = Outbound(WHOLE, authority.client(), 5.0, resolve)
        assert (await post.post(registered(sink), {}, b"{}")).outcome == "ADDRESS"
        await post.close()
        assert sink.connections == 0
    assert canary.connections == 0


async def test_what_the_province_no_longer_allows_is_refused_at_the_connection(
    canary: Canary, authority: Authority
) -> None:
    async with Sink(authority) as sink:
        where = target(sink.url, [OWN], WHOLE)
        post = Outbound((ip_network("10.0.0.0/8"),), authority.client(), 5.0)
        assert (await post.post(where, {}, b"{}")).outcome == "ADDRESS"
        await post.close()
        assert sink.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_reach_no_canary(canary: Canary, authority: Authority, status: int) -> None:
    async with Sink(authority) as sink:
        sink.behavior = always(status, location=f"https://127.0.0.1:{canary.port}/")
        post = Outbound(WHOLE, authority.client(), 5.0)
        answer = await post.post(target(sink.url, [OWN], WHOLE), {"webhook-id": "x"}, b"{}")
        await post.close()
        assert (answer.outcome, answer.status) == ("REDIRECT", status)
    assert canary.connections == 0


async def test_no_proxy_of_the_environment_is_asked(
    canary: Canary, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    async with Sink(authority) as sink:
        post = Outbound(WHOLE, authority.client(), 5.0)
        answer = await post.post(target(sink.url, [OWN], WHOLE), {"webhook-id": "x"}, b"{}")
        await post.close()
        assert answer.outcome == "DELIVERED"
    assert canary.connections == 0


async def test_a_certificate_of_another_name_is_refused(
    canary: Canary, authority: Authority
) -> None:
    """The socket goes to the address, TLS keeps the name."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [LOCAL]

    async with Sink(authority) as sink:
        post = Outbound(WHOLE, authority.client(), 5.0, resolve)
        where = target(f"https://other.dept.example.cn:{sink.port}/", [OWN], WHOLE)
        assert (await post.post(where, {}, b"{}")).outcome == "TLS"
        assert (await post.post(registered(sink), {"webhook-id": "x"}, b"{}")).outcome == (
            "DELIVERED"
        )
        await post.close()


async def test_a_long_answer_is_not_read(canary: Canary, authority: Authority) -> None:
    async def endless(_: object) -> object:
        from tests.sink import Reply

        return Reply(200, {"content-length": str(10**9)}, b"x" * 200_000)

    async with Sink(authority) as sink:
        sink.behavior = endless  # type: ignore[assignment]
        post = Outbound(WHOLE, authority.client(), 5.0)
        answer = await post.post(target(sink.url, [OWN], WHOLE), {"webhook-id": "x"}, b"{}")
        await post.close()
        assert answer.outcome == "DELIVERED"


def test_production_never_delivers_to_itself() -> None:
    ours = Settings(profile="production")
    assert all(one.is_private and not one.is_loopback for one in egress.allowed(ours))
    for own in ("127.0.0.0/8", "169.254.0.0/16", "10.0.0.0/8 ::1/128"):
        with pytest.raises(RuntimeError):
            egress.allowed(Settings(profile="production", department_networks=own))
