"""Secrets (Zugangsdaten) fetched from where the configuration says they are; they never stand in it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
from keyring.errors import KeyringError

from connectors.wire.secret import Secret
from ledger.errors import Refused

if TYPE_CHECKING:
    from connectors.wire.settings import SecretSettings

_SERVICE = "kontorist"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Reads the secrets of one source; files are named relative to the configuration file."""

    source: str
    base: Path
    what: str = "source"  # which list of the configuration the name stands in

    def __call__(self, settings: SecretSettings, setting: str) -> Secret:
        """Give the secret a setting names; raise Refused, with the remedy, where it is not there."""
        place = f"{self.what} {self.source} › {setting}"
        if settings.env:
            found = os.environ.get(settings.env, "")
            remedy = f"set the environment variable {settings.env} for this program"
        elif settings.file:
            found = _from_file(self.base / settings.file, place)
            remedy = f"write the secret, and nothing else, into {settings.file}"
        else:
            found = _from_keyring(settings.keyring, place)
            remedy = f"store it: keyring set {_SERVICE} {settings.keyring}"
        if not found.strip():
            raise Refused(f"{place}: the secret is not there; {remedy}")
        return Secret(found.strip())


def is_open_to_others(path: Path) -> bool:
    """Whether others on this machine may read a file; what systemd lays down for this service alone is not."""
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if os.name != "posix" or (given and path.is_relative_to(Path(given))):
        return False
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _from_file(path: Path, place: str) -> str:
    try:
        if is_open_to_others(path):
            raise Refused(f"{place}: {path.name} can be read by others on this machine; run: chmod 600 {path}")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{place}: {path.name} cannot be read: {error}") from None


def _from_keyring(name: str, place: str) -> str:
    try:
        return keyring.get_password(_SERVICE, name) or ""
    except KeyringError as error:
        raise Refused(
            f"{place}: the keyring of this machine does not open ({error}); use env or file for a nightly job"
        ) from None
