"""What the issuer remembers: codes, single sign-ons, used refresh tokens, failed passwords."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from hmac import compare_digest

from kit.embedded.issuer.factors import fits
from kit.embedded.issuer.realm import Realm, User
from kit.embedded.issuer.tokens import Login


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for."""

    login: Login
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    nonce: str
    expires: float

    def proves(self, verifier: str) -> bool:
        """The verifier belongs to the challenge (PKCE S256)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return compare_digest(made, self.challenge)


@dataclass
class Sessions:
    """All of it, in memory."""

    realm: Realm
    codes: dict[str, Grant] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    failed: dict[str, tuple[int, float]] = field(default_factory=dict)
    codes_used: set[tuple[str, int | None]] = field(default_factory=set)
    joined: dict[str, set[str]] = field(default_factory=dict)

    def check(self, username: str, password: str) -> User | None:
        """The user, if the password is right and the account is not locked; one answer for all else."""
        user = self.realm.users.get(username)
        known = user.password if user else ""
        right = compare_digest(known.encode(), password.encode()) and bool(known)
        if right and not self._locked(username):
            return user
        self._failed(username)
        return None

    def check_code(self, user: User, code: str) -> bool:
        """A one-time code is right, unused, and the account not locked; wrong ones count as failures."""
        period = fits(user.otp, code)
        used = (user.account, period) in self.codes_used
        if period is None or used or self._locked(user.username):
            self._failed(user.username)
            return False
        self.codes_used.add((user.account, period))
        return True

    def _locked(self, username: str) -> bool:
        count, since = self.failed.get(username, (0, 0.0))
        return count >= self.realm.failures and time.time() - since < self.realm.lock_seconds

    def _failed(self, username: str) -> None:
        if not self._locked(username):
            count, _ = self.failed.get(username, (0, 0.0))
            self.failed[username] = (count + 1 if count < self.realm.failures else 1, time.time())

    def log_in(self, user: User, acr: str, session: str = "") -> Login:
        """A new single sign-on, or one renewed; failures are forgotten, since every factor was given."""
        login = Login(session or secrets.token_urlsafe(18), user, int(time.time()), acr)
        self.logins[login.session] = login
        self.failed.pop(user.username, None)
        return login

    def live(self, session: str) -> Login | None:
        """A single sign-on that has neither ended nor grown too old."""
        login = self.logins.get(session)
        if login is None or time.time() - login.since > self.realm.session_seconds:
            return None
        return login

    def join(self, session: str, client_id: str) -> None:
        """A client takes part in a single sign-on."""
        self.joined.setdefault(session, set()).add(client_id)

    def log_out(self, session: str) -> set[str]:
        """End a single sign-on: its refresh tokens are worth nothing any more. Answers its clients."""
        self.logins.pop(session, None)
        self.ended.add(session)
        return self.joined.pop(session, set())

    def code(self, grant: Grant) -> str:
        """A code for a grant, good once."""
        self.join(grant.login.session, grant.client_id)
        code = f"{secrets.token_urlsafe(24)}.{grant.login.session}"
        self.codes[code] = grant
        return code

    def redeem(self, code: str) -> Grant | None:
        """The grant of a code; any attempt burns it."""
        grant = self.codes.pop(code, None)
        return grant if grant and grant.expires > time.time() else None

    def use_refresh(self, jti: str, session: str) -> bool:
        """Use a refresh token once; a second use ends the whole family."""
        if jti in self.used:
            self.ended.add(session)
        if session in self.ended:
            return False
        self.used.add(jti)
        return True
