"""What there is to run, found by looking: a folder under `services/` with a `service.py`."""

import importlib
import importlib.util
import pkgutil

from kit.settings import Settings


def service_names() -> tuple[str, ...]:
    """Names of the services, sorted."""
    folder = importlib.import_module("services").__path__
    found = (module.name for module in pkgutil.iter_modules(folder) if module.ispkg)
    return tuple(sorted(name for name in found if _declares(name)))


def _declares(name: str) -> bool:
    return importlib.util.find_spec(f"services.{name}.service") is not None


def databases(config: Settings) -> tuple[str, ...]:
    """Workloads with a database under these settings: the log has none where Kafka carries the facts."""
    return tuple(name for name in workloads() if name != "log" or config.events == "embedded")


def workloads() -> tuple[str, ...]:
    """Everything with a database of its own; the log first, because the others publish to it."""
    return ("log", *service_names(), "gateway")
