"""The dossier (Fallakte): a case as a PDF that a person at the agency or court can read from front to back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import typst

from export.letters.printable import FONTS, printable
from ledger.money import Money, german

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEMPLATE: Final = Path(__file__).with_name("dossier.typ")
_GERMAN: Final = MappingProxyType(
    {
        "confirmed": "bestätigt",
        "smtp_accepted": "vom Mailserver angenommen",
        "handed_over": "versandt, nicht nachgewiesen",
        "posted": "zur Post gegeben",
        "assumed": "vermutet",
        "bounced": "unzustellbar",
        "returned": "zurückgekommen",
        "payment": "Zahlung",
        "skonto": "Skonto",
        "fee": "Kosten",
        "interest": "Zinsen",
        "small_difference": "Kleindifferenz",
        "bank_charge": "Bankspesen",
        "on_account": "Akontozahlung",
        "calendar_date": "(Kalenderdatum)",
        "event_plus_days": "(Frist nach Ereignis)",
        "thirty_days": "(30 Tage nach Rechnung)",
        "reminder": "(Mahnung)",
        "refusal": "(Weigerung)",
    }
)
# What the case names as unknown, as a German agency reads it.
_UNKNOWN: Final = MappingProxyType(
    {
        "contract subject of": "Vertragsgegenstand zu",
        "contract date of": "Datum des Vertrags zu",
        "interest computation of": "Zinsberechnung zu",
        "whether the creditor deducts input VAT": "ob der Gläubiger zum Vorsteuerabzug berechtigt ist",
        "the creditor's address": "Anschrift des Gläubigers",
        "(no. ": "(Nr. ",
    }
)
_INPUT_VAT: Final = MappingProxyType(
    {"True": "zum Vorsteuerabzug berechtigt", "False": "nicht zum Vorsteuerabzug berechtigt"}
)


def dossier(case: Mapping[str, Any]) -> bytes:
    """Render a case (as ``case_of`` gives it) as PDF/A-2b, in German: parties, claims, interest, history, gaps."""
    pdf = _compiler().compile(
        input=_TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"case": json.dumps(_form(case), ensure_ascii=False)},
        pdf_standards=["a-2b"],
        timestamp=datetime.combine(date.fromisoformat(case["case"]["created_on"]), time(), UTC),
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"the compiler gave {type(pdf)} instead of one PDF for the dossier {case['case']['id']}")
    return pdf


def _form(case: Mapping[str, Any]) -> dict[str, Any]:
    currency = case["currency"]
    created = date.fromisoformat(case["case"]["created_on"])
    sections = [section for section in _sections(case, currency) if section["rows"]]
    fields: dict[str, Any] = _printable(
        {
            "id": case["case"]["id"],
            "day": f"{created:%d.%m.%Y}",
            "date": [created.year, created.month, created.day],
            "creditor": list(_party(case["creditor"])),
            "debtor": list(_party(case["debtor"])),
            "total": _money(case["totals"]["total_minor"], currency),
            "sections": sections,
            "dispute": _dispute(case["dispute"]),
            "unknown": [_to_tell(line) for line in case.get("unknown_for_first_letter", [])],
        }
    )
    return {**fields, "fonts": FONTS}


def _sections(case: Mapping[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    claims, totals = case["claims"], case["totals"]
    yield {
        "title": "Forderungen",
        "right": [False, False, False, True, True, True, True],
        "head": ["Beleg", "vom", "fällig", "Hauptforderung", "Zinsen", "Kosten", "Pauschale"],
        "rows": [
            [
                one["document_number"],
                _day(one["document_date"]),
                _day(one["due_date"]),
                _money(one["open_principal_minor"], currency),
                _money(one["interest_minor"], currency),
                _money(one.get("cost_minor", 0), currency),
                _money(one.get("lump_sum_minor", 0), currency),
            ]
            for one in claims
        ]
        + [
            ["Summe", "", ""]
            + [
                _money(totals.get(f"{name}_minor", 0), currency)
                for name in ("open_principal", "interest", "cost", "lump_sum")
            ]
        ],
    }
    yield {
        "title": "Grund und Verzug",
        "right": [False, False, False, False, False],
        "head": ["Beleg", "Vertragsgegenstand", "Vertrag vom", "Verzug seit", "verjährt mit Ablauf"],
        "rows": [
            [
                one["document_number"],
                one.get("contract_subject", "unbekannt"),
                _day(one.get("contract_date", "")) or "unbekannt",
                " ".join(
                    part
                    for part in (_day(one.get("default_since", "")), _german(one.get("default_basis", "")))
                    if part
                ),
                _limitation(one),
            ]
            for one in claims
        ],
    }
    yield {
        "title": " ".join(["Zinsberechnung", *_rate_law(claims)]),
        "right": [False, False, True, True, True],
        "head": ["Beleg", "Zeitraum", "Tage", "zu verzinsen", "Zinssatz"],
        "rows": [
            [
                one["document_number"],
                f"{_day(part['first_day'])} – {_day(part['last_day'])}",
                str(part["days"]),
                _money(part["principal_minor"], currency),
                f"{part['rate_percent'].replace('.', ',')} %",
            ]
            for one in claims
            for part in one.get("interest_segments", ())
        ],
    }
    yield {
        "title": "Zahlungen",
        "right": [False, False, False, True],
        "head": ["Datum", "Beleg", "gezählt als", "Betrag"],
        "rows": [
            [
                _day(one["date"]),
                one.get("document_number", ""),
                _german(one["counted_as"]),
                _money(one["amount_minor"], currency),
            ]
            for one in case.get("payments", ())
        ],
    }
    yield {
        "title": "Kosten früherer Schreiben",
        "right": [False, False, False, True],
        "head": ["Datum", "Schreiben", "Beleg", "Betrag"],
        "rows": [
            [_day(one["date"]), one["kind"], one["document_number"], _money(one["amount_minor"], currency)]
            for one in case.get("earlier_costs", ())
        ],
    }
    yield {
        "title": "Schreiben",
        "right": [False, False, False, False, False],
        "head": ["Datum", "Schreiben", "Nummer", "Frist bis", "Zugang"],
        "rows": [
            [
                _day(one["date"]),
                one["title"],
                one.get("letter_number", ""),
                _day(one.get("deadline", "")),
                _received(one),
            ]
            for one in case.get("history", ())
        ],
    }
    yield {
        "title": "Gespräche und Vereinbarungen",
        "right": [False, False],
        "head": ["Datum", "Inhalt"],
        "rows": [[_day(one["date"]), one["text"]] for one in case.get("said", ())],
    }


def _rate_law(claims: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    laws = ", ".join(dict.fromkeys(one["interest_law"] for one in claims if "interest_law" in one))
    return (f"({laws})",) if laws else ()


def _dispute(dispute: Mapping[str, Any]) -> str:
    if dispute["disputed"]:
        return f"Der Schuldner bestreitet: {dispute['statement']}"
    settled = dispute.get("settled_before", ())
    if settled:
        return f"Frühere, erledigte Einwände: {'; '.join(settled)}"
    return "Einwände des Schuldners sind uns nicht bekannt."


def _party(party: Mapping[str, Any]) -> Iterator[str]:
    address = party.get("address", {})
    register = " ".join(part for part in (party.get("register_court"), party.get("register_number")) if part)
    represented = ", ".join(party.get("represented_by", ()))
    lines = (
        party.get("name"),
        address.get("street"),
        f"{address.get('postcode', '')} {address.get('city', '')}".strip(),
        f"Kundennummer {party['number']}" if "number" in party else "",
        f"vertreten durch {represented}" if represented else "",
        register,
        party.get("email"),
        party.get("phone"),
        _INPUT_VAT.get(str(party.get("deducts_input_vat")), ""),
    )
    return (" ".join(str(line).split()) for line in lines if line)


def _limitation(claim: Mapping[str, Any]) -> str:
    renewed = claim.get("acknowledged_on", [])
    since = f" (Anerkenntnis {_day(renewed[-1])})" if renewed else ""
    return f"{_day(claim.get('limitation_end', ''))}{since}"


def _to_tell(line: str) -> str:
    for english, told in _UNKNOWN.items():
        line = line.replace(english, told)
    return line


def _received(letter: Mapping[str, Any]) -> str:
    """Say when a letter arrived and what proves it; one that came back says so alone."""
    day, proof = _day(letter.get("received_on", "")), _german(letter.get("proof", ""))
    return f"{day} ({proof})" if day and proof else day or proof


def _german(word: str) -> str:
    return _GERMAN.get(word, word)


def _money(minor: int, currency: str) -> str:
    return f"{german(Money(minor, currency))}\u00a0{'€' if currency == 'EUR' else currency}"


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}" if iso else ""


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case dict():
            return {name: _printable(part) for name, part in value.items()}
        case list():
            return [_printable(part) for part in value]
        case _:
            return value


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=_TEMPLATE.parent, font_paths=typst.Fonts(include_system_fonts=False))
