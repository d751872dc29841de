"""From settings to connectors: one line per kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.accounting.file import FileSource

if TYPE_CHECKING:
    from config.loading import Office
    from config.settings import FileSourceSettings
    from connectors.accounting import Source


def source_of(settings: FileSourceSettings, office: Office) -> Source:
    """Build the connector that the settings ask for."""
    return FileSource(
        name=settings.name,
        open_items=office.resolve(settings.open_items),
        debtors=office.resolve(settings.debtors) if settings.debtors else None,
        columns=settings.columns,
        debtor_columns=settings.debtor_columns,
        delimiter=settings.delimiter,
        encoding=settings.encoding,
        currency=settings.currency,
        sheet=settings.sheet,
    )
