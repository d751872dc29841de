"""Lexware Office (früher lexoffice): invoices, vouchers and credit notes are read; it cannot be told of payments."""

from __future__ import annotations

from connectors.accounting.lexware.tool import Lexware, LexwareSettings

__all__ = ["Lexware", "LexwareSettings"]
