"""bexio (Schweiz): invoices are read, payments booked, reminders laid down; its credit vouchers cannot be read."""

from __future__ import annotations

from connectors.accounting.bexio.tool import Bexio, BexioSettings

__all__ = ["Bexio", "BexioSettings"]
