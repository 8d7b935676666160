"""How long the hand-written files are, by folder.

python -m tests.house.sizes        # prints median, longest and count
"""

import statistics
from collections import defaultdict
from pathlib import Path

from tests.house.test_files import CODE, ROOT, length, tracked


def folder(file: Path) -> str:
    """The folder a file counts for: two levels below `services` and `tests`, one elsewhere."""
    parts = file.relative_to(ROOT).parts[:-1]
    return "/".join(parts[: 2 if parts[:1] in (("services",), ("tests",)) else 1]) or "."


def by_folder() -> dict[str, list[int]]:
    """Lengths of the files of every folder; empty files are no files."""
    found: dict[str, list[int]] = defaultdict(list)
    for file in tracked():
        if file.suffix in CODE and length(file):
            found[folder(file)].append(length(file))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    print(f"{'folder':<24}{'files':>6}{'median':>8}{'longest':>9}")
    for name, lengths in by_folder().items():
        median = statistics.median(lengths)
        print(f"{name:<24}{len(lengths):>6}{median:>8.0f}{max(lengths):>9}")
