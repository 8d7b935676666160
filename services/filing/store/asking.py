"""Letters in the statement of a step: what it asks for, what it ends, what it erases.

Each part sets the scope itself: a part may be looked at before the step is.
"""

import json
import secrets
from base64 import b32encode
from collections.abc import Sequence
from typing import Any

from kit.ids import uuid7
from kit.rotation import Sealed
from kit.secrets import Keyring
from kit.settings import settings
from kit.sql import IN_SCOPE
from services.filing.domain.acting import Moment
from services.filing.domain.letters.letter import Letter
from services.filing.domain.letters.table import EDITION, arising, ending
from services.filing.domain.outcome import Outcome

SEALED = Sealed("filing_letter", ("letter_id",), {"data": "filing_letter.data"}, {})
END = f"""UPDATE filing_letter l SET standing = :letter_standing, ended_on = :today FROM state
 WHERE l.filing_id = :filing_id AND l.kind = ANY(:letter_ended) AND l.standing = 'VALID'
 AND {IN_SCOPE}"""
ERASE = f"""UPDATE filing_letter l SET data = NULL FROM state
 WHERE l.filing_id = :filing_id AND {IN_SCOPE}"""
DRAW = f"""INSERT INTO counter (name, last) SELECT :letter_counter, 1 FROM state
 WHERE NOT EXISTS (SELECT FROM filing_letter l
 WHERE l.filing_id = :filing_id AND l.kind = ANY(:letter_kinds) AND {IN_SCOPE})
 ON CONFLICT (name) DO UPDATE SET last = counter.last + 1 RETURNING last"""
"""The gap-free serial; a letter given again keeps the number it has."""
KEPT = f"""(SELECT l.number FROM filing_letter l WHERE l.filing_id = :filing_id AND l.kind = a.kind
 AND {IN_SCOPE} ORDER BY l.letter_id LIMIT 1)"""
ASK = """INSERT INTO filing_letter (letter_id, filing_id, owner, organization_id, region_path, kind,
 edition, number, code, organization, authority, issued_on, standing, data)
 SELECT a.letter_id, :filing_id, :owner, :organization_id, :region_path, a.kind, :letter_edition,
 {number}, a.code, :name, :authority, :today, 'VALID', a.data FROM state,
 unnest(:letter_ids::uuid[], :letter_kinds::text[], :letter_numbers::text[],
 :letter_codes::text[], :letter_cells::bytea[]) AS a (letter_id, kind, number, code, data)"""
ALPHABET = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Without I, L, O and U: read aloud and typed in by people."""
BYTES, GROUP = 10, 4

Parts = tuple[list[str], dict[str, Any]]


def new_code() -> str:
    """A verification code of 80 bits: who has not seen the letter cannot guess it."""
    signs = b32encode(secrets.token_bytes(BYTES)).decode().translate(ALPHABET)
    return "-".join(signs[at : at + GROUP] for at in range(0, len(signs), GROUP))


def letters_of(outcome: Outcome, moment: Moment, keyring: Keyring, before: int) -> Parts:
    """Parts of the statement and their values; `before` parts of the change stand ahead of them."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    ended, asked = ending(outcome), arising(outcome, moment)
    if ended:
        parts.append(END)
        values["letter_standing"] = ended.standing.name
        values["letter_ended"] = [kind.name for kind in ended.kinds]
    if asked:
        drawn = f"p{before + len(parts)}"
        counter = next((letter.counter for letter in asked if letter.counter), "")
        parts += [DRAW] if counter else []
        values |= _asked(asked, keyring) | ({"letter_counter": counter} if counter else {})
        number = f"coalesce({KEPT}, a.number || (SELECT last FROM {drawn}) || '号')"
        parts.append(ASK.format(number=number if counter else "a.number"))
    if outcome.step.action == "erase_persons":
        parts.append(ERASE)
    return parts, values


def _asked(asked: Sequence[Letter], keyring: Keyring) -> dict[str, Any]:
    ids = [uuid7() for _ in asked]
    check = f"{settings().public_url.rstrip('/')}/verify"
    kept = [json.dumps({"told": a.told, "check": check}, ensure_ascii=False) for a in asked]
    return {
        "letter_edition": EDITION,
        "letter_ids": ids,
        "letter_kinds": [letter.kind.name for letter in asked],
        "letter_numbers": [letter.number for letter in asked],
        "letter_codes": [new_code() for _ in asked],
        "letter_cells": [
            keyring.encrypt(text, SEALED.place("data", str(letter_id)))
            for text, letter_id in zip(kept, ids, strict=True)
        ],
    }
