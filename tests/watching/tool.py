"""promtool: series in, what fires out."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from tests.house.test_files import ROOT

RULES = ROOT / "deploy" / "observability" / "rules"
SKIPPED = "SKIPPED, NOT GREEN: promtool is not installed (Debian: apt-get install prometheus)"


def promtool(*arguments: object) -> str:
    """What it says; AssertionError where it finds fault, a loud skip where it is missing."""
    program = shutil.which("promtool")
    if program is None:
        pytest.skip(SKIPPED)
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def firing(
    folder: Path,
    rules: Sequence[Path],
    series: Mapping[str, str],
    fires: Mapping[str, Mapping[str, bool]],
    every: str = "1m",
) -> None:
    """By time and name, alerts fire or do not, given series of a sample a minute and rules run `every` so often.

    AssertionError with what promtool found where that is not so. What never fired before that time
    counts as silent.
    """
    wanted = [
        {
            "expr": f'count(count_over_time(ALERTS{{alertname="{name}",alertstate="firing"}}[{at}])) > bool 0',
            "eval_time": at,
            "exp_samples": [{"labels": "{}", "value": 1}] if one else [],
        }
        for at, alerts in fires.items()
        for name, one in alerts.items()
    ]
    test = {
        "rule_files": [str(file) for file in rules],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": name, "values": text} for name, text in series.items()],
                "promql_expr_test": wanted,
            }
        ],
    }
    file = folder / "test.yaml"
    file.write_text(yaml.safe_dump(test))
    promtool("test", "rules", file)
