"""How payers write (Verwendungszweck): our numbers in their words, whole, mangled, shortened or forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from ledger.open_item import OpenItem

_WITHOUT_NUMBER: Final = (
    "Rechnung",
    "Rechnungsausgleich",
    "Zahlung lfd. Rechnung",
    "Warenlieferung",
    "Danke",
    "Material Baustelle",
    "offener Posten",
)

# Banks cut MT940 after 27 characters, five of which are SVWZ+; payers' banks cut CAMT after 35. Each opening lets a
# document number straddle its cut.
_OPENINGS: Final = {
    22: ("Rechnungs-Nr. ", "Ausgleich Rg.Nr. ", "Ihre Rechnung ", "Zahlung zu RgNr ", "Begleichung "),
    35: (
        "Ausgleich Ihrer Rechnung Nr. ",
        "Wir zahlen Ihre Rechnung Nr. ",
        "Kundennummer siehe Beleg, Rg. ",
        "Ueberweisung Rechnung Nr. ",
    ),
}


def quoting(rng: Random, item: OpenItem, number: str) -> str:
    """Quote one number in a payer's words."""
    return rng.choice(
        (
            number,
            number,
            f"Rechnung {number}",
            f"Rechnung {number} vom {item.document_date:%d.%m.%Y}",
            f"Rg.Nr. {number} Kd.-Nr. {item.debtor_number}",
            f"{number} / {item.debtor_number}",
            f"Ausgleich {number}, vielen Dank",
            f"RNr {number} v. {item.document_date:%d.%m.%y}",
        )
    )


def quoting_several(rng: Random, numbers: Sequence[str]) -> str:
    """List several full numbers."""
    joint = rng.choice((", ", " ", " + ", "; "))
    return rng.choice(("", "Rechnungen ", "Rg. ", "Sammelzahlung ")) + joint.join(numbers)


def shortened(rng: Random, numbers: Sequence[str]) -> str:
    """Write the first number in full and of the others only the digits that matter: RE-2026-00712, 713, 715."""
    tails = [running_number(number).lstrip("0") for number in numbers[1:]]
    return rng.choice(("Rg. ", "", "Rechnungen ")) + ", ".join((numbers[0], *tails))


def straddling(rng: Random, item: OpenItem, cut_after: int) -> str:
    """Quote a number so that the cut goes through it."""
    return f"{rng.choice(_OPENINGS[cut_after])}{item.document_number} vom {item.document_date:%d.%m.%Y}"


def without_number(rng: Random) -> str:
    """Say nothing that helps."""
    return rng.choice(_WITHOUT_NUMBER)


def without_separators(rng: Random, number: str) -> str:
    """Lose the dashes: RE202600471, RE 2026 00471."""
    prefix, year, running = number.split("-")
    return rng.choice(
        (f"{prefix}{year}{running}", f"{prefix} {year} {running}", f"{prefix}{year} {running}", f"{year}/{running}")
    )


def zeros_lost(rng: Random, number: str) -> str:
    """Lose the zeros in front of the running number: RE-2026-471."""
    prefix, year, running = number.split("-")
    short = running.lstrip("0")
    return rng.choice((f"{prefix}-{year}-{short}", f"{prefix} {year} {short}", f"{prefix}{year}-{short}"))


def one_digit_off(rng: Random, number: str) -> str:
    """Mistype one of the last three digits; numbers run on, so it is usually the number of somebody else."""
    place = len(number) - rng.randint(1, 3)
    digit = (int(number[place]) + rng.choice((1, 2, 8, 9))) % 10
    return f"{number[:place]}{digit}{number[place + 1 :]}"


def running_number(number: str) -> str:
    """Give the last part of a document number."""
    return number.rpartition("-")[2]
