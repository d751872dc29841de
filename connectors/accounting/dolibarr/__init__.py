"""Dolibarr: customer invoices and credit notes over its REST interface; payments by its own distribution."""

from __future__ import annotations

from connectors.accounting.dolibarr.tool import Dolibarr, DolibarrSettings

__all__ = ["Dolibarr", "DolibarrSettings"]
