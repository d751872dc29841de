"""sevDesk, in both versions of its bookkeeping: what is open is read; payments and reminders are told."""

from __future__ import annotations

from connectors.accounting.sevdesk.tool import Sevdesk, SevdeskSettings

__all__ = ["Sevdesk", "SevdeskSettings"]
