"""Reading again (frischer Blick): what a tool says of an item now, just before its debtor is written to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ledger.errors import ConnectorError
from ledger.finding import Finding, Severity
from night.remote import read_again, tools_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connectors.accounting import ToolSource
    from night.workplace import Workplace
    from storage.notices import StoredNotice


def reread(
    work: Workplace, notices: Iterable[StoredNotice], sources: Mapping[str, str]
) -> tuple[frozenset[str], list[Finding]]:
    """Read the items of notices again from the tools they came from, and save what these say.

    ``sources`` names the source of each item. Gives the notices (by their effect) that must wait because a tool did
    not answer, and says so once for each tool.
    """
    # A call list speaks of many debtors.
    asked: dict[str, list[str]] = defaultdict(list)
    for notice in notices:
        asked[notice.outbox_id] += [item.item_id for item in notice.items]
    wanted = {name for item_ids in asked.values() for item_id in item_ids if (name := sources.get(item_id))}
    if not wanted & _names_of_tools(work):
        return frozenset(), []
    silent: dict[str, ConnectorError] = {}
    try:
        tools = tools_of(work)
    except ConnectorError as error:
        return frozenset(asked), [_silent("the accounting tools", error)]
    for item_id in (item_id for item_ids in asked.values() for item_id in item_ids):
        source = tools.get(sources.get(item_id, ""))
        if source is not None and source.name not in silent:
            _read_one(work, source, item_id, silent)
    waiting = frozenset(
        outbox_id
        for outbox_id, item_ids in asked.items()
        if any(sources.get(item_id) in silent for item_id in item_ids)
    )
    return waiting, [_silent(name, error) for name, error in sorted(silent.items())]


def _read_one(work: Workplace, source: ToolSource, item_id: str, silent: dict[str, ConnectorError]) -> None:
    try:
        read_again(work, source, item_id)
    except ConnectorError as error:
        silent[source.name] = error


def _names_of_tools(work: Workplace) -> set[str]:
    return {source.name for source in work.company.source if source.kind != "file"}


def _silent(name: str, error: ConnectorError) -> Finding:
    return Finding(
        code="item_not_read_again",
        place=name,
        severity=Severity.WARNING,
        what="what is open could not be read again just before writing, so nobody was written to for its items",
        excerpt=str(error),
        what_to_do="Nothing: the notices wait, and the next night asks again.",
    )
