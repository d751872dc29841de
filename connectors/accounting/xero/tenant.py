"""The organisation (Mandant) in Xero: one consent may open several, and each question names the one that is meant."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from connectors.accounting.fields import Fields
from ledger.errors import Refused

if TYPE_CHECKING:
    from connectors.wire import Answer, Wire

_PATH: Final = "api.xro/2.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Asks and tells one organisation; ``wished`` is its name or its id, empty for the only one there is."""

    wire: Wire
    wished: str
    found: dict[str, str] = field(default_factory=dict)  # id and name, once they were asked for

    def read(self, path: str, *, headers: dict[str, str] | None = None, **question: Any) -> Answer:
        """Ask a question that changes nothing."""
        return self.wire.read(f"{_PATH}/{path}", headers=self._named(headers), **question)

    def write(self, method: str, path: str, *, headers: dict[str, str] | None = None, **question: Any) -> Answer:
        """Tell something, once."""
        return self.wire.write(method, f"{_PATH}/{path}", headers=self._named(headers), **question)

    def name(self) -> str:
        """Give how Xero calls the organisation; raise Refused where nobody knows which one is meant."""
        if not self.found:
            self.found.update(self._connection())
        return self.found["name"]

    def _named(self, headers: dict[str, str] | None) -> dict[str, str]:
        self.name()
        return {"xero-tenant-id": self.found["id"], **(headers or {})}

    def _connection(self) -> dict[str, str]:
        rows = [row for row in self.wire.read("connections").rows() if row.get("tenantType") == "ORGANISATION"]
        plain = [Fields(row, self.wire.tool) for row in rows]
        told = [{"id": one.label("tenantId"), "name": one.label("tenantName")} for one in plain]
        meant = [one for one in told if one["id"] and self.wished in ("", *one.values())]
        if len(meant) != 1:
            names = ", ".join(sorted(one["name"] for one in told)) or "none"
            raise Refused(
                f"{self.wire.tool}: the consent opens these organisations: {names}\n"
                "    Name one of them as organisation in the configuration, or give the consent again."
            )
        return meant[0]
