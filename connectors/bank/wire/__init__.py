"""Bank data by wire (Kontodaten auf Abruf): the ways statements are fetched into an inbox before it is read."""

from __future__ import annotations

from connectors.bank.wire.fetching import Fetched
from connectors.bank.wire.sftp import Sftp, SftpSettings

# What ``[[company.fetch]]`` may be; ``kind`` tells which.
AnyFetchSettings = SftpSettings

__all__ = ["AnyFetchSettings", "Fetched", "Sftp", "SftpSettings"]
