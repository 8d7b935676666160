"""Limits of open cases as those who watch the platform see them: by limit and county."""

from datetime import date

from kit.telemetry import signals
from kit.telemetry.signals import Signal
from services.filing.store.deadlines import Deadlines
from services.filing.timers.cases import SYSTEM
