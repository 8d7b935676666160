"""Prometheus and the OpenTelemetry collector, built once from the Go modules below `binaries/`."""

from pathlib import Path

from tests import modules

HERE = Path(__file__).parent / "binaries"
PACKAGES = {"collector": ".", "prometheus": "github.com/prometheus/prometheus/cmd/prometheus"}
OPTIONS = ("-tags", "netgo,remove_all_sd", "-ldflags", "-s -w")
"""Without the ways to find what to scrape: nothing is scraped."""


def place(name: str) -> Path:
    """Where a program is, or will be once it is built."""
    return modules.place(HERE / name, "watching") / name


def built(name: str) -> Path:
    """The program, built now where it is not there; RuntimeError where it cannot be."""
    return modules.built(HERE / name, "watching", (PACKAGES[name],), OPTIONS) / name
