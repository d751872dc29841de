"""From settings to connectors: files are read as they lie there, tools get a line to the world outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.secrets import Secrets
from config.settings import FileSourceSettings
from config.token_store import TokensOfSource
from connectors.accounting import TOOLS, FileSource, ToolSource
from connectors.wire.line import Line
from storage.wire_turns import SharedLimiter

if TYPE_CHECKING:
    from config.loading import Office
    from config.settings import SourceSettings
    from connectors.accounting import Source
    from storage.database import Engine


def source_of(settings: SourceSettings, office: Office, engine: Engine, company_id: str) -> Source:
    """Build the connector that the settings ask for; raise Refused where a secret is missing."""
    if isinstance(settings, FileSourceSettings):
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
    line = line_of(settings.name, office, engine, company_id)
    return ToolSource(TOOLS[settings.kind].connect(settings, line))


def line_of(source: str, office: Office, engine: Engine, company_id: str) -> Line:
    """Give a source its secrets, its tokens, and the limiter that all processes share."""
    return Line(
        secret=Secrets(source, office.base),
        limiter=SharedLimiter(engine),
        tokens=TokensOfSource(office=office, engine=engine, company_id=company_id, source=source),
    )
