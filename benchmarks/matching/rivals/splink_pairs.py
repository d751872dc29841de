"""Pairs after Fellegi and Sunter (1969) by the package Splink 5: every payment gets its likeliest item.

Splink is no dependency of the project; where it is not installed, this rival is left out.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from benchmarks.matching.rivals.bookings import as_far_as_it_goes, in_full
from benchmarks.matching.rivals.night import Rival, Suggestion
from benchmarks.matching.truth import settled
from ledger.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from benchmarks.matching.rivals.night import Answers, Night
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem
    from ledger.statement import StatementEntry

_CUT_OFF: Final = 0.999
_WORTH_SHOWING: Final = 0.01
_SHOWN: Final = 3
_SHORTEST_TOKEN: Final = 4
_NOT_DIGIT: Final = re.compile(r"[^0-9]")
_RANDOM_PAIRS: Final = 1_000_000
_SEED: Final = 1
_CONFIGURATION: Final = (
    "SET threads TO 1",  # the order of additions, and so the last digit of a probability, is always the same
    "SET lambda_syntax = 'ENABLE_SINGLE_ARROW'",  # Splink 5.0 writes SQL that DuckDB 2.0 otherwise refuses
)


class _Linkage:
    """The pairs of one company: learned once from the payments booked before its first night, then only applied."""

    def __init__(self) -> None:
        self._model: dict[str, Any] = {}

    def decide(self, night: Night) -> Answers:
        """Give the likeliest items of each payment, each alone: pairs know no sets."""
        if not night.entries or not night.items:
            return {}
        if not self._model:
            self._model = _learned(night)
        invoices = {item.item_id: item for item in night.items if item.is_invoice}
        payments = [_payment_row(entry, night.payers.get(entry.payer_iban, ())) for entry in night.entries]
        likely = _predicted(
            self._model, payments, [_item_row(i, i.open_amount.minor, night) for i in invoices.values()]
        )
        return {
            entry.entry_id: _suggestions(entry, likely.get(entry.entry_id, ()), invoices) for entry in night.entries
        }


def _suggestions(
    entry: StatementEntry, likely: Iterable[tuple[float, str]], invoices: Mapping[str, OpenItem]
) -> list[Suggestion]:
    best = sorted(likely, key=lambda pair: (-pair[0], pair[1]))[:_SHOWN]
    ways = [(p, in_full([invoices[i]], entry) or as_far_as_it_goes([invoices[i]], entry)) for p, i in best]
    return [Suggestion(bookings, automatic=p >= _CUT_OFF) for p, bookings in ways if bookings]


def _learned(night: Night) -> dict[str, Any]:
    """Estimate how often things agree: in pairs that were booked (m), and in pairs drawn at random (u)."""
    rows = list(_booked_rows(night))
    items = [_item_row(item, item.amount.minor, night) for item in night.documents.values() if item.is_invoice]
    linker = _linker(_settings(len(night.items)), rows or [_payment_row(e, ()) for e in night.entries], items)
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
    if any(row["label"] for row in rows):
        linker.training.estimate_m_from_label_column("label")
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def _booked_rows(night: Night) -> Iterator[dict[str, Any]]:
    """Give every booked payment with what was known of its account before, and its item if it had just one."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for debtor in night.debtors.values():
        for iban in debtor.ibans:
            known[iban].add(debtor.number)
    for entry, bookings in night.past:
        items = sorted(settled(bookings))
        yield _payment_row(entry, sorted(known[entry.payer_iban]), items[0] if len(items) == 1 else None)
        known[entry.payer_iban] |= {a.debtor_number for a in bookings if entry.payer_iban and a.debtor_number}


def _predicted(
    model: dict[str, Any], payments: Sequence[dict[str, Any]], items: Sequence[dict[str, Any]]
) -> dict[str, list[tuple[float, str]]]:
    found = _linker(model, payments, items).inference.predict(threshold_match_probability=_WORTH_SHOWING)
    likely: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for pair in found.as_record_list():
        sides = {pair[f"source_dataset_{side}"]: pair[f"unique_id_{side}"] for side in "lr"}
        likely[sides["payments"]].append((pair["match_probability"], sides["items"]))
    return likely


def _payment_row(entry: StatementEntry, debtors: Sequence[str], item_id: str | None = None) -> dict[str, Any]:
    return {
        "unique_id": entry.entry_id,
        "tokens": _tokens((entry.remittance, *entry.references, entry.end_to_end_id)),
        "amounts": [entry.amount.minor],
        "debtors": list(debtors) or None,
        "name": fold(entry.payer_name) or None,
        "label": item_id,
    }


def _item_row(item: OpenItem, minor: int, night: Night) -> dict[str, Any]:
    debtor: Debtor | None = night.debtors.get(item.debtor_number)
    return {
        "unique_id": item.item_id,
        "tokens": _tokens((item.document_number, item.payment_reference, item.end_to_end_id)),
        "amounts": list(dict.fromkeys((minor, minor - item.skonto().minor))),
        "debtors": [item.debtor_number],
        "name": fold(debtor.name) if debtor else None,
        "label": item.item_id,
    }


def _tokens(texts: Iterable[str]) -> list[str] | None:
    """Give the digits of each word where there are enough; Splink knows no "text contains number"."""
    words = (_NOT_DIGIT.sub("", word) for text in texts for word in text.split())
    return list(dict.fromkeys(word for word in words if len(word) >= _SHORTEST_TOKEN)) or None


def _settings(open_items: int) -> Any:
    splink = import_module("splink")
    compare = import_module("splink.comparison_library")
    return splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.PairwiseStringDistanceFunctionAtThresholds("tokens", "damerau_levenshtein", 1),
            compare.ArrayIntersectAtSizes("amounts", [1]),
            compare.ArrayIntersectAtSizes("debtors", [1]),
            compare.JaroWinklerAtThresholds("name", [0.92, 0.8]),
        ],
        blocking_rules_to_generate_predictions=[
            splink.block_on(column, arrays_to_explode=[column]) for column in ("tokens", "amounts", "debtors")
        ],
        probability_two_random_records_match=1 / (open_items + 1),  # a payment has one item among them
        retain_matching_columns=False,
    )


def _linker(settings: Any, payments: Sequence[dict[str, Any]], items: Sequence[dict[str, Any]]) -> Any:
    splink, arrow, duckdb = (import_module(name) for name in ("splink", "pyarrow", "duckdb"))
    connection = duckdb.connect(":memory:")
    for wish in _CONFIGURATION:
        connection.execute(wish)
    database = splink.DuckDBAPI(connection)
    schema = arrow.schema(
        [
            ("unique_id", arrow.string()),
            ("tokens", arrow.list_(arrow.string())),
            ("amounts", arrow.list_(arrow.int64())),
            ("debtors", arrow.list_(arrow.string())),
            ("name", arrow.string()),
            ("label", arrow.string()),
        ]
    )
    tables = [
        database.register(arrow.Table.from_pylist(list(rows), schema=schema), dataset_display_name=name)
        for name, rows in (("payments", payments), ("items", items))
    ]
    return splink.Linker(tables, settings, log_level=logging.ERROR)


RIVAL: Final = Rival(
    name="pairs by Splink",
    how="Links payments and open invoices by number tokens, amount, known payer and name in the model of Fellegi and "
    "Sunter. Agreement is learned from the company's own booked payments. The likeliest invoice is booked from a "
    f"probability of {_CUT_OFF} on.",
    begin=lambda: _Linkage().decide,
)
