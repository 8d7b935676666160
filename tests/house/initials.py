"""`make initials`: writes kit/data/place_initials.csv, by which places are found: letters and their characters.

pypinyin reads every name as a whole, so that 长 of 长流 and of 长坡 may be said in two ways.
"""

import csv
import io
from collections import defaultdict
from pathlib import Path

from pypinyin import Style, pinyin

from kit.data import rows

FILE = Path(__file__).parents[2] / "kit" / "data" / "place_initials.csv"


def written() -> str:
    """The table as it should be."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows("hainan_divisions.csv"):
        name = row["name"]
        letters = pinyin(name, style=Style.FIRST_LETTER, errors=list)
        for character, (letter, *_) in zip(name, letters, strict=True):
            if letter != character:
                found[letter].add(character)
    stream = io.StringIO()
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(("letter", "characters"))
    table.writerows((letter, "".join(sorted(found[letter]))) for letter in sorted(found))
    return stream.getvalue()


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
