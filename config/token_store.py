"""The token store (Tokenablage): rotating tokens of a source, sealed with the key of this office."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet

from config.secrets import is_open_to_others
from connectors.wire.oauth import Tokens
from connectors.wire.secret import Secret
from ledger.errors import Refused
from storage.tokens import SealedTokens, StoredTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.loading import Office
    from storage.database import Engine

KEY_FILE: Final = Path("kontorist.key")  # beside the configuration file; made by the first ``connect``


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensOfSource:
    """Keeps the tokens of one source in the database; see connectors.wire.oauth.TokenStore."""

    office: Office
    engine: Engine
    company_id: str
    source: str

    def load(self) -> Tokens | None:
        """Give the tokens as they are now; None before the first consent."""
        stored = self._sealed().load()
        return _open(stored) if stored else None

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Replace the tokens while nobody else can."""

        def renewed(stored: StoredTokens | None) -> StoredTokens:
            tokens = renew(_open(stored) if stored else None)
            return StoredTokens(tokens.access.reveal(), tokens.refresh.reveal(), tokens.seconds_left)

        return _open(self._sealed().replace(renewed))

    def _sealed(self) -> SealedTokens:
        key = _key(self.office)
        return SealedTokens(engine=self.engine, company_id=self.company_id, source=self.source, key=key)


def make_key(office: Office) -> None:
    """Make the key of this office, readable for nobody else, unless there is one."""
    path = office.resolve(KEY_FILE)
    try:
        if path.exists():
            return
        with NamedTemporaryFile(dir=path.parent, prefix=".kontorist-key-") as file:  # for its owner alone
            file.write(Fernet.generate_key())
            file.flush()
            os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):  # another ``connect`` was quicker
                path.hardlink_to(file.name)  # whole, or not at all
    except OSError as error:
        raise Refused(f"{path}: the key of this office cannot be written: {error.strerror}") from None


def _key(office: Office) -> bytes:
    path = office.resolve(KEY_FILE)
    try:
        if is_open_to_others(path):
            raise Refused(
                f"{path}: the key of this office can be read by others on this machine; run: chmod 600 {path}"
            )
        return path.read_bytes().strip()
    except FileNotFoundError:
        raise Refused(
            f"{path}: the key of this office is not there, so no consent can be opened\n"
            "    Bring it back from the backup, or give the consent again: run_sync.py connect"
        ) from None
    except OSError as error:
        raise Refused(f"{path}: the key of this office cannot be read: {error.strerror}") from None


def _open(stored: StoredTokens) -> Tokens:
    return Tokens(access=Secret(stored.access), refresh=Secret(stored.refresh), seconds_left=stored.seconds_left)
