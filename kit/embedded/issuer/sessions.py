"""What the issuer remembers: codes, single sign-ons, used refresh tokens, failed passwords."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from hmac import compare_digest

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

    def check(self, username: str, password: str) -> User | None:
        """The user, if the password is right and the account is not locked; one answer for all else."""
        count, since = self.failed.get(username, (0, 0.0))
        locked = count >= self.realm.failures and time.time() - since < self.realm.lock_seconds
        user = self.realm.users.get(username)
        known = user.password if user else ""
        right = compare_digest(known.encode(), password.encode()) and bool(known)
        if right and not locked:
            self.failed.pop(username, None)
            return user
        if not locked:
            self.failed[username] = (count + 1 if count < self.realm.failures else 1, time.time())
        return None

    def log_in(self, user: User, acr: str) -> Login:
        """A new single sign-on."""
        login = Login(secrets.token_urlsafe(18), user, int(time.time()), acr)
        self.logins[login.session] = login
        return login

    def live(self, session: str) -> Login | None:
        """A single sign-on that has neither ended nor grown too old."""
        login = self.logins.get(session)
        if login is None or time.time() - login.since > self.realm.session_seconds:
            return None
        return login

    def log_out(self, session: str) -> None:
        """End a single sign-on: its refresh tokens are worth nothing any more."""
        self.logins.pop(session, None)
        self.ended.add(session)

    def code(self, grant: Grant) -> str:
        """A code for a grant, good once."""
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
