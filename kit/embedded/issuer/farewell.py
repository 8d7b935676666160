"""Back-channel logout: the clients of a single sign-on are told that it ended, once each."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from kit.embedded.issuer.realm import Client
from kit.embedded.issuer.sessions import Sessions
from kit.embedded.issuer.tokens import Tokens

log = logging.getLogger(__name__)


@dataclass
class Farewell:
    """Ends single sign-ons and says so."""

    sessions: Sessions
    tokens: Tokens
    clients: Mapping[str, Client]
    transport: httpx.AsyncBaseTransport | None = None

    async def end(self, session: str, account: str) -> None:
        """End a single sign-on; clients that do not answer are not asked again, as with Keycloak."""
        joined = self.sessions.log_out(session)
        told = [self.clients[name] for name in sorted(joined) if self.clients[name].logout_url]
        await asyncio.gather(*(self._tell(client, session, account) for client in told))

    async def _tell(self, client: Client, session: str, account: str) -> None:
        form = {"logout_token": self.tokens.logout(client, session, account)}
        try:
            async with httpx.AsyncClient(
                transport=self.transport, timeout=3, trust_env=False
            ) as http:
                await http.post(client.logout_url, data=form)
        except httpx.HTTPError as error:
            log.warning("%s was not told of a logout: %s", client.client_id, type(error).__name__)
