"""The office's own mappings of CSV exports (CSV-Zuordnungen): one TOML file per bank, beside the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.bank.online_banking.csv_known_banks import known_mappings
from connectors.bank.online_banking.csv_mapping import load_mappings

if TYPE_CHECKING:
    from config.loading import Office
    from connectors.bank.online_banking.csv_mapping import Mapping


def csv_mappings(office: Office) -> tuple[Mapping, ...]:
    """Read the mappings of the office; raise Refused with all mistakes of a file. None is the usual number."""
    folder = office.resolve(office.settings.csv_mappings)
    return load_mappings(folder, known=known_mappings()) if folder.is_dir() else ()
