"""DATEVconnect: open items of DATEV Rechnungswesen in the office's own network; it is only read."""

from __future__ import annotations

from connectors.accounting.datevconnect.tool import DatevConnect, DatevConnectSettings

__all__ = ["DatevConnect", "DatevConnectSettings"]
