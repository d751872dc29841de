"""Signing (Ausweisen): the credential is put in at the last moment, and whatever was put in is never shown again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from requests.auth import AuthBase

from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from requests import PreparedRequest

    from connectors.wire.secret import Secret

_SHORTEST: Final = 6  # characters; shorter words would be found everywhere


class Signing(AuthBase):
    """Signs in the tool's own way, counts what is sent, and remembers what no message may hold."""

    def __init__(self, tool: str, auth: AuthBase, secrets: Collection[Secret] = ()) -> None:
        self.sent = 0  # questions that left for the tool, or were about to
        self._tool, self._auth = tool, auth
        self._hidden = {secret.reveal() for secret in secrets}

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request; raise Refused for a secret that no header can carry, without saying it."""
        before = dict(request.headers)
        signed: PreparedRequest = self._auth(request)
        for name, value in signed.headers.items():
            if before.get(name) != value:
                self._take(name, str(value))
        self.sent += 1
        return signed

    @property
    def hidden(self) -> tuple[str, ...]:
        """What no message may hold, longest first, as it is written in texts, in addresses and in JSON."""
        words = {word for word in self._hidden if len(word) >= _SHORTEST}
        written = {form for word in words for form in (word, quote(word, safe=""), word.replace("/", "\\/"))}
        return tuple(sorted(written, key=lambda word: (-len(word), word)))

    def _take(self, name: str, value: str) -> None:
        # The library would name the whole header in its error.
        if not (value.isascii() and value.isprintable()):
            raise Refused(
                f"{self._tool}: the secret for {name} holds a line break or a letter that no key has\n"
                "    Look whether it was copied whole, and nothing else with it."
            )
        self._hidden |= {value, value.rpartition(" ")[2]}


def covered(text: str, hidden: Collection[str]) -> str:
    """Put dots in the place of every secret: some tools say a wrong key back to whoever sent it."""
    for word in hidden:
        text = text.replace(word, "•••")
    return text
