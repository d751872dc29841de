"""Xero: invoices, credit notes, overpayments and prepayments are read, payments of invoices are booked."""

from __future__ import annotations

from connectors.accounting.xero.tool import Xero, XeroSettings

__all__ = ["Xero", "XeroSettings"]
