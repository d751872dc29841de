"""Tokens of tools (Zugriffstoken): encrypted with the office's own key, replaced in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select

from ledger.errors import Refused
from storage.database import reading, transaction
from storage.tables import OAUTH_TOKEN
from storage.upsert import upsert
from storage.wire_turns import seconds_since_1970

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """Tokens in the clear, for as long as they are in the memory; what prints them shows none."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedTokens:
    """The tokens of one source of one company. Raises Refused where the key is not the one they were sealed with."""

    engine: Engine
    company_id: str
    source: str
    key: bytes = field(repr=False)  # of Fernet: AES-128-CBC and HMAC-SHA256

    def load(self) -> StoredTokens | None:
        """Give the tokens as they are now; None before the first consent."""
        with reading(self.engine) as connection:
            return self._read(connection)

    def replace(self, renew: Callable[[StoredTokens | None], StoredTokens]) -> StoredTokens:
        """Replace the tokens while nobody else can; what ``renew`` raises leaves the old ones in place."""
        # Not the lock of the company: while a tool is asked for tokens, its decisions go on.
        with transaction(self.engine, f"tokens of {self.company_id} {self.source}") as connection:
            tokens = renew(self._read(connection))
            ends_at = seconds_since_1970(connection) + tokens.seconds_left
            plain = json.dumps({"access": tokens.access, "refresh": tokens.refresh, "ends_at": ends_at})
            row = {"company_id": self.company_id, "source": self.source}
            upsert(connection, OAUTH_TOKEN, [row | {"sealed": self._seal().encrypt(plain.encode())}])
            return tokens

    def _read(self, connection: Connection) -> StoredTokens | None:
        token = OAUTH_TOKEN.c
        sealed = connection.execute(
            select(token.sealed).where(token.company_id == self.company_id, token.source == self.source)
        ).scalar()
        if sealed is None:
            return None
        try:
            plain = json.loads(self._seal().decrypt(sealed))
        except InvalidToken:
            raise Refused(
                f"{self.source}: the stored consent cannot be opened with the key of this office\n"
                f"    Bring the old key back, or give the consent again: run_sync.py connect {self.source}"
            ) from None
        return StoredTokens(plain["access"], plain["refresh"], plain["ends_at"] - seconds_since_1970(connection))

    def _seal(self) -> Fernet:
        try:
            return Fernet(self.key)
        except ValueError:
            raise Refused(
                f"{self.source}: the key of this office is damaged\n"
                "    Bring it back from the backup; or delete kontorist.key, and give every consent again."
            ) from None
