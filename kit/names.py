"""Names of organizations as they are compared and found. Pure."""

import re
import unicodedata


def normalize(name: str) -> str:
    """NFKC, without spaces and punctuation: names that look alike become equal."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", name))


def grams(name: str, size: int = 2) -> list[str]:
    """The runs of `size` neighboring characters a name is found by; pairs serve the shortest search."""
    text = normalize(name)
    return sorted({text[at : at + size] for at in range(len(text) - size + 1)})
