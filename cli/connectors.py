"""Connectors (Schnittstellen): what each accounting tool can do, and the consent that opens it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.asked import CompanyOption, ConfigOption, JsonOption, asked, companies_of, office_of, out, told
from config.fetches import fetch_of
from config.sources import line_of
from config.token_store import make_key
from connectors.accounting import TOOLS, capabilities_of
from connectors.accounting.capability import MEANING, Capability
from connectors.wire.oauth import ask_consent
from ledger.errors import Refused

if TYPE_CHECKING:
    from config.loading import Office
    from config.settings import Company, SourceSettings
    from storage.database import Engine

_YES, _NO = Text("yes", style="green"), Text("–", style="dim")

SourceArgument = Annotated[str, typer.Argument(help="The name of the source, as in the configuration.")]
PortOption = Annotated[
    int,
    typer.Option("--port", help="Where the browser comes back to here; 0: any free port.", min=0, max=65535),
]


def connectors(as_json: JsonOption = False) -> None:
    """Show which accounting tools are understood, and what each of them can do for us."""
    able = {name: sorted(capabilities_of(name)) for name in sorted(TOOLS)}
    if as_json or asked.as_json:
        print(json.dumps(able, ensure_ascii=False, indent=2))
        return
    table = Table("", *able, box=None, padding=(0, 1))
    for capability in Capability:
        table.add_row(MEANING[capability], *(_YES if capability in found else _NO for found in able.values()))
    out.print(table)


def connect(
    source: SourceArgument, config: ConfigOption = None, company: CompanyOption = None, port: PortOption = 0
) -> None:
    """Give the consent to a tool in a browser (OAuth 2) and keep its tokens sealed, or try a key that needs none."""
    with told():
        office = office_of(config)
        for one, engine in companies_of(office, company):
            fetch = next((fetch for fetch in one.fetch if fetch.name == source), None)
            said = fetch_of(fetch, office).check() if fetch else _opened(office, one, engine, source, port)
            out.print(f"{one.id}: {said}")


def _opened(office: Office, company: Company, engine: Engine, source: str, port: int) -> str:
    return _connected(office, company, engine, _source(company, source), port)


def _source(company: Company, name: str) -> SourceSettings:
    for settings in company.source:
        if settings.name == name and settings.kind != "file":
            return settings
    names = ", ".join(settings.name for settings in company.source if settings.kind != "file") or "no tool at all"
    raise Refused(f"{company.id}: no accounting tool is called {name!r}; there is {names}")


def _connected(office: Office, company: Company, engine: Engine, settings: SourceSettings, port: int) -> str:
    tool = TOOLS[settings.kind]
    line = line_of(settings.name, office, engine, company.id)
    client = tool.oauth_client(settings, line) if hasattr(tool, "oauth_client") else None
    if client is not None:
        make_key(office)
        assert line.tokens is not None
        tokens = ask_consent(client, lambda url: out.print(f"Open this address in a browser:\n{url}"), port=port)
        line.tokens.replace(lambda _: tokens)
    return str(tool.connect(settings, line).check())
