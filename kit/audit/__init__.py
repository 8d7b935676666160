"""Tamper evidence: a MAC in the transaction, a chain by the sealer, signed checkpoints, verifiers."""

from kit.audit.row import COLUMNS, signed
from kit.audit.sealer import Sealer, Seals

__all__ = ["COLUMNS", "Sealer", "Seals", "signed"]
