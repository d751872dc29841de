"""The line (Anschluss): what a tool needs to get a wire: its secrets, the limiter all share, and a way to wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.wire.client import Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests.auth import AuthBase

    from connectors.wire.client import Bounds
    from connectors.wire.limiter import Limiter, Rate
    from connectors.wire.manners import Manners
    from connectors.wire.oauth import TokenStore
    from connectors.wire.secret import Secret
    from connectors.wire.settings import SecretSettings

# Gives the secret that a setting names; ``place`` says which setting, for the error.
SecretReader = Callable[["SecretSettings", str], "Secret"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Everything between a tool's settings and the network, put together by the configuration or by a test."""

    secret: SecretReader
    limiter: Limiter
    tokens: TokenStore | None = None  # for OAuth: where rotating tokens are kept
    sleep: Callable[[float], None] = time.sleep
    bounds: Bounds | None = None

    def wire(
        self,
        *,
        tool: str,
        base: str,
        auth: AuthBase,
        secret: Secret,
        rate: Rate,
        manners: Manners | None = None,
        headers: Mapping[str, str] | None = None,
        allow_http: bool = False,
    ) -> Wire:
        """Open a wire to a tool; ``secret`` is what tells this credential from others that share its limit."""
        more: dict[str, Any] = {"bounds": self.bounds} if self.bounds else {}
        return Wire(
            tool=tool,
            base=base,
            auth=auth,
            credential=secret.fingerprint(),
            rate=rate,
            limiter=self.limiter,
            manners=manners,
            headers=headers,
            secrets=(secret,),
            allow_http=allow_http,
            sleep=self.sleep,
            **more,
        )
