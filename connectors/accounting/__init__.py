"""Accounting tools, one file each; a new tool is a new file and one line in each of the two tables below."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.capability import Capability
from connectors.accounting.easybill import Easybill, EasybillSettings
from connectors.accounting.file import CAPABILITIES_OF_LISTS, FileSource
from connectors.accounting.lexware import Lexware, LexwareSettings
from connectors.accounting.source import Known, Pulled, Source
from connectors.accounting.sync import ToolSource
from connectors.accounting.tryton import Tryton, TrytonSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

# What ``[[company.source]]`` may be, beside files; ``kind`` tells which.
AnyToolSettings = EasybillSettings | TrytonSettings | LexwareSettings

# How each kind of settings becomes a connected tool.
TOOLS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "easybill": Easybill,
        "file": FileSource,
        "lexware": Lexware,
        "tryton": Tryton,
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
