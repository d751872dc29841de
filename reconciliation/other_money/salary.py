"""Salaries we pay (Löhne und Gehälter)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reconciliation.other_money.label import MoneyKind, OtherMoney
from reconciliation.other_money.phrases import phrases

if TYPE_CHECKING:
    from reconciliation.other_money.seen import Seen

TEXTS: Final = phrases("""
    lohn; loehne; gehalt; gehaelter; lohnzahlung; gehaltszahlung; lohnabrechnung; gehaltsabrechnung; bezuege; salary
    payroll; weihnachtsgeld; urlaubsgeld; monatslohn; lohnvorschuss; gehaltsvorschuss; vwl; reisekosten
    reisekostenabrechnung; spesenabrechnung; ausbildungsverguetung; monatsgehalt; lohn gehalt
""")


def label(seen: Seen) -> OtherMoney | None:
    """Only what goes out: nobody pays us a salary."""
    signs = (
        *seen.by_purpose("SALA", "PAYR", "BONU", "PENS"),
        *seen.by_code("PMNT/ICDT/SALA"),
        *seen.by_text(MoneyKind.SALARY),
    )
    if seen.comes_in or not signs:
        return None
    says = f"salary or expenses (Lohn, Gehalt, Spesen) to {seen.who}"
    return seen.money(MoneyKind.SALARY, incoming=says, outgoing=says, signs=signs)
