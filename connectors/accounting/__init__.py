"""Accounting tools, one file each; a new tool is a new file and one line in this table."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from connectors.accounting.file import FileSource
from connectors.accounting.source import Capability, Pulled, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

TOOLS: Final[Mapping[str, type[Source]]] = MappingProxyType({"file": FileSource})

__all__ = ["TOOLS", "Capability", "FileSource", "Pulled", "Source"]
