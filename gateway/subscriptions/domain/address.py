"""Addresses departments may name, and the networks they may resolve to. Pure.

An address is https, one canonical host, a port, a plain path: whatever two readers could read in
two ways is refused. Departments live on private networks, so no range is good or bad by itself:
what counts is that two persons registered it and that the province allows it at all.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit.errors import Refusal, invalid

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAME = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
URL = re.compile(
    rf"https://(?P<host>{NAME}|[0-9.]+|\[[0-9a-f:]+\])(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?P<path>(?:/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?)",
    re.ASCII,
)
WIDEST = {4: 16, 6: 48}
"""Shortest prefix a registration may name: one department's network, not a country's."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address as registered: host, port and path of an https URL, and its networks."""

    host: str
    port: int
    path: str
    networks: tuple[Network, ...]

    def holds(self, address: str) -> bool:
        """An address the host resolved to lies in a registered network."""
        return inside(plain(address), self.networks)


def target(url: str, networks: Sequence[str], allowed: Sequence[Network]) -> Target:
    """The target of a request.

    Raises Refusal subscriptions.url, subscriptions.network, subscriptions.network_not_allowed.
    """
    host, port, path = parts(url)
    registered = tuple(network(text) for text in networks)
    for one in registered:
        if not any(covers(wide, one) for wide in allowed):
            raise invalid(
                "subscriptions.network_not_allowed",
                f"{one}不在省级平台允许推送的部门网段内，请联系平台运维单位。",
            )
    if literal(host) is not None and not inside(plain(host), registered):
        raise invalid("subscriptions.network", "接收地址不在所填网段内，请核对。")
    return Target(host, port, path, registered)


def parts(url: str) -> tuple[str, int, str]:
    """Host, port and path. Raises Refusal subscriptions.url for anything that is not canonical."""
    found = URL.fullmatch(url)
    host = found["host"].strip("[]") if found else ""
    port = int(found["port"] or 443) if found else 0
    bracketed = found is not None and found["host"].startswith("[")
    name = found is not None and not bracketed and host[-1:].isalpha()
    if found is None or port > 65_535 or not (name or is_canonical(host, bracketed)):
        raise unreadable()
    return host, port, found["path"] or "/"


def is_canonical(host: str, bracketed: bool) -> bool:
    """An IP literal written the one way it is printed; no IPv4 hidden in IPv6."""
    address = literal(host)
    if address is None or str(address) != host or (address.version == 6) != bracketed:
        return False
    return plain(host) == address


def literal(host: str) -> Address | None:
    """The IP address a host is written as; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def plain(text: str) -> Address:
    """An address; IPv4 mapped into IPv6 counts as what it is. ValueError for anything else."""
    address = ipaddress.ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def network(text: str) -> Network:
    """A registered network. Raises Refusal subscriptions.network."""
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise narrow() from error
    if str(found) != text or found.prefixlen < WIDEST[found.version]:
        raise narrow()
    return found


def inside(address: Address, networks: Iterable[Network]) -> bool:
    """Some network holds the address."""
    return any(address in one for one in networks if one.version == address.version)


def covers(wide: Network, narrower: Network) -> bool:
    """The one lies wholly in the other."""
    return (
        wide.version == narrower.version
        and int(wide.network_address) <= int(narrower.network_address)
        and int(narrower.broadcast_address) <= int(wide.broadcast_address)
    )


def unreadable() -> Refusal:
    """The address is not written the one way it can be read."""
    return invalid(
        "subscriptions.url",
        "接收地址应为 https://主机[:端口]/路径 的规范写法，不含用户名、参数和片段，例如 https://sub.dept.example.cn:8443/events。",
    )


def narrow() -> Refusal:
    """The network is no network, or too wide."""
    return invalid(
        "subscriptions.network",
        "网段应为规范的 CIDR 写法且不宽于 /16（IPv6 不宽于 /48），例如 10.46.8.0/24。",
    )
