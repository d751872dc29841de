"""Accounting tools, one file each; a new tool is a new file and one line in each of the two tables below."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.bexio import Bexio, BexioSettings
from connectors.accounting.billomat import Billomat, BillomatSettings
from connectors.accounting.capability import Capability
from connectors.accounting.datevconnect import DatevConnect, DatevConnectSettings
from connectors.accounting.dolibarr import Dolibarr, DolibarrSettings
from connectors.accounting.easybill import Easybill, EasybillSettings
from connectors.accounting.erpnext import Erpnext, ErpnextSettings
from connectors.accounting.fastbill import FastBill, FastBillSettings
from connectors.accounting.file import CAPABILITIES_OF_LISTS, FileSource
from connectors.accounting.lexware import Lexware, LexwareSettings
from connectors.accounting.odoo import Odoo, OdooSettings
from connectors.accounting.papierkram import Papierkram, PapierkramSettings
from connectors.accounting.sevdesk import Sevdesk, SevdeskSettings
from connectors.accounting.source import Known, Pulled, Source
from connectors.accounting.stripe import Stripe, StripeSettings
from connectors.accounting.sync import ToolSource
from connectors.accounting.tryton import Tryton, TrytonSettings
from connectors.accounting.xero import Xero, XeroSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

# What ``[[company.source]]`` may be, beside files; ``kind`` tells which.
AnyToolSettings = (
    EasybillSettings
    | TrytonSettings
    | LexwareSettings
    | SevdeskSettings
    | BexioSettings
    | BillomatSettings
    | PapierkramSettings
    | FastBillSettings
    | OdooSettings
    | XeroSettings
    | DatevConnectSettings
    | ErpnextSettings
    | DolibarrSettings
    | StripeSettings
)

# How each kind of settings becomes a connected tool.
TOOLS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "bexio": Bexio,
        "billomat": Billomat,
        "datevconnect": DatevConnect,
        "dolibarr": Dolibarr,
        "easybill": Easybill,
        "erpnext": Erpnext,
        "fastbill": FastBill,
        "file": FileSource,
        "lexware": Lexware,
        "odoo": Odoo,
        "papierkram": Papierkram,
        "sevdesk": Sevdesk,
        "stripe": Stripe,
        "tryton": Tryton,
        "xero": Xero,
    }
)


def capabilities_of(kind: str) -> frozenset[Capability]:
    """Give what a kind of source can do, before any is configured."""
    return CAPABILITIES_OF_LISTS if kind == "file" else frozenset(TOOLS[kind].capabilities)


__all__ = [
    "TOOLS",
    "AnyToolSettings",
    "Capability",
    "FileSource",
    "Known",
    "Pulled",
    "Source",
    "ToolSource",
    "capabilities_of",
]
