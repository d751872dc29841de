"""What banks make of a text: the benchmark must deliver it as our own reader would read it from a file."""

from __future__ import annotations

import random

import pytest

from benchmarks.matching.bank import by_camt, by_mt940, read_subfields, subfields
from connectors.bank.swift import purpose

_TEXTS = (
    "Rechnung RE-2025-00471 vom 12.03.2026 Kundennummer 10234, vielen Dank",
    "RE-2025-00471",
    "Rechnungen 100471 100473 100475 100479 100480 100481 100482",
    "Ueberweisung fuer Moeller, Rg. 25000471",
    "Rechnungsausgleich Nr 25000471 25000472",  # a cut behind a blank
)


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("seed", range(6))
def test_mt940_texts_are_read_as_our_reader_reads_them(text: str, seed: int) -> None:
    lines = subfields(random.Random(seed), text)
    field = "".join(f"?{20 + place}{line}" for place, line in enumerate(lines))
    read = purpose.structured(f"166?00GUTSCHRIFT?10931{field}?32MUSTER GMBH")
    assert read is not None
    assert read_subfields(lines) == (read.remittance, read.remittance_glued)


def test_a_number_is_cut_in_its_middle_and_whole_again_when_glued() -> None:
    text = "Ausgleich Rechnung RE-2025-00471"
    lines = subfields(random.Random(1), text)
    assert lines == ["SVWZ+Ausgleich Rechnung RE-", "2025-00471"]
    assert "RE-2025-00471" in read_subfields(lines)[1]


def test_swift_knows_no_umlauts_and_short_fields_cut_names() -> None:
    names = {
        by_mt940(random.Random(seed), "Großküchen Böttcher & Söhne GmbH & Co. KG", "x").name for seed in range(30)
    }
    assert "Grosskuechen Boettcher + So" in names
    assert "GROSSKUECHEN BOETTCHER + SOEHNE GMBH + CO. KG" in names


def test_camt_keeps_every_letter_of_the_text() -> None:
    text = "Überweisung für Müller & Söhne, Rechnungen 25000471 und 25000472"
    for seed in range(40):
        delivered = by_camt(random.Random(seed), "Muster", text)
        assert "".join(delivered.remittance.split()) == "".join(text.split())
