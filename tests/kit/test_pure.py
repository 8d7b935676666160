"""What a domain may import stays pure: no transport, no database, no settings, even indirectly."""

import json
import subprocess
import sys

PURE = ("calendar", "codes", "regions", "rules")
PROGRAM = """
import json, sys
{imports}
files = {{name: getattr(module, "__file__", None) for name, module in sys.modules.items()}}
print(json.dumps(files))
"""


def loaded(imports: str) -> dict[str, str | None]:
    """Modules a fresh interpreter holds after these imports, with their files."""
    command = [sys.executable, "-c", PROGRAM.format(imports=imports)]
    found: dict[str, str | None] = json.loads(subprocess.check_output(command))
    return found


def test_pure_modules_load_only_the_standard_library_and_the_calendar() -> None:
    bare = loaded("")
    modules = loaded("\n".join(f"import kit.{name}" for name in PURE))
    installed = {
        name.partition(".")[0]
        for name, file in modules.items()
        if name not in bare and "site-packages" in (file or "")
    }
    assert installed == {"chinese_calendar"}
    parts = {name.split(".")[1] for name in modules if name.startswith("kit.")}
    assert parts == {*PURE, "data", "errors"}
