"""ERPNext: sales invoices and credit notes over its REST interface; payments as submitted Payment Entries."""

from __future__ import annotations

from connectors.accounting.erpnext.tool import Erpnext, ErpnextSettings

__all__ = ["Erpnext", "ErpnextSettings"]
