"""From settings to what fetches statements by wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.secrets import Secrets
from connectors.bank.wire import Sftp

if TYPE_CHECKING:
    from config.loading import Office
    from config.settings import FetchSettings


def fetch_of(settings: FetchSettings, office: Office) -> Sftp:
    """Build what the settings ask for."""
    return Sftp(settings=settings, secret=Secrets(settings.name, office.base, "fetch"))
