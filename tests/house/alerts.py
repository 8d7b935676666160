"""The alerts that the rules declare."""

import yaml

from tests.house.test_files import ROOT

RULES = ROOT / "deploy" / "observability" / "rules"


def alerts() -> dict[str, str]:
    """Runbook by alert."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in RULES.glob("*.yaml")]
    rules = [rule for file in files for group in file["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule["labels"]["runbook"] for rule in rules if "alert" in rule}
