"""The alerts that the rules declare."""

from deploy.k8s.generate.watching import absent
from tests.watching.tool import RULES


def alerts() -> dict[str, str]:
    """Runbook by alert."""
    rules = [rule for file in RULES.glob("*.yaml") for rule in absent.alerts(file)]
    return {rule["alert"]: rule["labels"]["runbook"] for rule in rules}
