"""Where this platform may send to at all, and whom it believes in TLS: the operator's settings."""

import ipaddress
import ssl

from gateway.subscriptions.delivering.outbound import Outbound
from gateway.subscriptions.domain.address import Network
from kit.settings import Settings

PRIVATE = "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"
LOOPBACK = "127.0.0.0/8"


def allowed(config: Settings) -> tuple[Network, ...]:
    """Networks of departments.

    Raises RuntimeError in production for a network that is this machine or its link, ValueError
    for a text that is none.
    """
    production = config.profile == "production"
    text = config.department_networks or (PRIVATE if production else f"{PRIVATE} {LOOPBACK}")
    found = tuple(ipaddress.ip_network(one) for one in text.split())
    own = [str(one) for one in found if one.is_loopback or one.is_link_local or one.is_multicast]
    if production and own:
        raise RuntimeError(f"departments do not live on {', '.join(own)}")
    return found


def outbound(config: Settings, patience: float | None = None) -> Outbound:
    """The way out; `patience` in seconds, that of the settings by default."""
    context = ssl.create_default_context()
    if config.department_ca is not None:
        context.load_verify_locations(config.department_ca)
    return Outbound(allowed(config), context, patience or config.webhook_patience)
