"""Tryton: customer invoices over JSON-RPC, as its own client speaks it; payments are booked by its own wizard."""

from __future__ import annotations

from connectors.accounting.tryton.tool import Tryton, TrytonSettings

__all__ = ["Tryton", "TrytonSettings"]
