"""Who holds a post: the identity number its grant stated, sealed and blind. Nobody is ever shown it."""

from collections.abc import Mapping
from datetime import date

from gateway.posts.persons import NOBODY_STATED, Holder
from gateway.posts.store import EVERYTHING
from kit.codes import id_problem, normalize_id
from kit.database import Database
from kit.errors import Violation, invalid
from kit.rotation import Sealed
from kit.secrets import Keyring
from kit.settings import settings
from kit.sql import IN_SCOPE, bind
from kit.timers import Timer

DAYS_KEPT = 365
"""After the end of the account's last post: as long as what was decided may be contested."""
# While the account holds a post, granted with a number or without, it says whose the account is.
FORGET = f"""UPDATE post SET id_number = NULL, person_keys = '{{}}'
 WHERE id_number IS NOT NULL AND account = ANY (ARRAY(
 SELECT account FROM post WHERE {IN_SCOPE} GROUP BY account HAVING count(id_number) > 0
 AND bool_and(coalesce(least(revoked_at, valid_to) < now() - interval '{DAYS_KEPT} days', false))
 LIMIT 1000))"""


def holder(keyring: Keyring, post_id: str, number: str, today: date) -> Holder:
    """The person of an identity number, bound to the row of a post; nobody for an empty one.

    Raises Refusal posts.id_number.
    """
    number = normalize_id(number)
    if not number:
        return NOBODY_STATED
    if id_problem(number, today=today, production=settings().profile == "production"):
        wrong = Violation("idNumber", "id_number", "身份证号码不正确。")
        raise invalid("posts.id_number", "身份证号码不正确，请核对18位号码。", wrong)
    cell = keyring.encrypt(number, SEALED.place("id_number", post_id))
    return Holder(cell, tuple(person_keys(keyring, {"id_number": number.encode()})))


def person_keys(keyring: Keyring, told: Mapping[str, bytes]) -> list[str]:
    """Blind indexes of an opened number, equal to those of principals in the filing service."""
    return keyring.blind(told["id_number"].decode(), "person") if "id_number" in told else []


SEALED = Sealed("post", ("post_id",), {"id_number": "post.id_number"}, {"person_keys": person_keys})


def forgetting(database: Database) -> Timer:
    """Removes numbers of accounts whose last post ended a year ago, every hour."""

    async def forget() -> int:
        text, values = bind(FORGET, {"scope": EVERYTHING})
        return int((await database.pool.execute(text, *values)).rpartition(" ")[2])

    return Timer("gateway.holders", forget, 3600.0)
