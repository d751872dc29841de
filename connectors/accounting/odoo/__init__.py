"""Odoo: customer invoices over JSON-2 (from 19 on) or JSON-RPC (16 to 18); payments booked by its own wizard."""

from __future__ import annotations

from connectors.accounting.odoo.tool import Odoo, OdooSettings

__all__ = ["Odoo", "OdooSettings"]
