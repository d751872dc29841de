"""What payers write (Verwendungszweck): by hand, out of their bookkeeping, with their own numbers among ours."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from random import Random

    from benchmarks.matching.number_formats import DocumentNumber


class Quoted(NamedTuple):
    """What a payer has in front of it when it fills in the form."""

    number: DocumentNumber
    dated: date
    customer_number: str
    order_number: str
    due_minor: int


# {n} the number as written, {d} the date of the invoice, {c} the customer number, {a} the amount.
_SINGLE: Final = (
    "{n}",
    "{n}",
    "Rechnung {n}",
    "Rechnung Nr. {n}",
    "Rechnung {n} vom {d}",
    "RNr. {n}",
    "Rg.-Nr.: {n}",
    "RgNr {n} v. {d}",
    "Re.Nr. {n} Kd.Nr. {c}",
    "Rechnungsnummer {n}, Kundennummer {c}",
    "{c} / {n}",
    "KD {c} RE {n}",
    "{n} {d} {a}",
    "Ausgleich Ihrer Rechnung {n} vom {d}",
    "Zahlung {n} danke",
    "Invoice {n}",
    "INV NO {n} DD {d}",
    "payment for invoice {n}",
    "Beleg {n} v. {d} EUR {a}",
    "/INV/{n} {d}",
    "Rechnung: {n} Datum: {d} Betrag: {a}",
    "Ueberweisung Rechnung-Nr.{n}",
    "Rg {n}, vielen Dank fuer die schnelle Lieferung",
    "Bezahlung Ihrer Rechnung mit der Nummer {n} zum {d}",
)
_SEVERAL: Final = (
    "",
    "",
    "Rechnungen ",
    "Rg. ",
    "Sammelzahlung ",
    "RE ",
    "Rechn.Nr. ",
    "Inv. ",
    "Zahlung der Rechnungen ",
)
_BETWEEN: Final = (", ", ", ", " ", " / ", "; ", " + ", " und ", ",")
_WITHOUT_NUMBER: Final = (
    "",
    "Rechnung",
    "Rechnungsausgleich",
    "Danke!",
    "lt. Rechnung",
    "Zahlung",
    "Ueberweisung",
    "offener Posten",
    "Warenlieferung",
    "Ihre Rechnung vom {d}",
    "Rechnung {m}",
    "Wartung {m}",
    "Material",
    "Service",
    "siehe Avis",
    "Kundennr. {c}",
    "wie besprochen",
    "Dauerauftrag",
)
_FOREIGN: Final = (
    "Bestellung {big}",
    "Best.-Nr. {big}",
    "PO {big}",
    "LS {small}",
    "Lieferschein {small}",
    "Tel. 0{area}/{big}",
    "Unser Beleg {big}",
    "Bel. {small}",
    "Zahllauf {iso}",
    "Avis {small}",
    "Kst. {tiny}",
    "Vertrag {small}-{tiny}",
    "Obj. {tiny}",
    "Projekt {tiny}",
    "Mitgl.Nr. {small}",
    "Unsere Ref {small}/{tiny}",
    "Datum {day}",
    "DATUM {day}, {clock} UHR",
    "Auftrag {small}",
)
_NUMBER: Final = re.compile(r"[A-Za-z]+|[0-9]+")


def single(rng: Random, quoted: Quoted, written: str, habit: int) -> str:
    """Quote one number, mostly in the words this payer always uses."""
    template = _SINGLE[habit % len(_SINGLE)] if rng.random() < 0.7 else rng.choice(_SINGLE)
    return _filled(template, quoted, written)


def several(rng: Random, written: Sequence[str], habit: int) -> str:
    """List numbers one after the other."""
    return _SEVERAL[habit % len(_SEVERAL)] + rng.choice(_BETWEEN).join(written)


def list_of_short_forms(rng: Random, numbers: Sequence[DocumentNumber]) -> str:
    """Write the first number in full and only the end of the others: RE-2025-0712, 713, 715."""
    shortened = [_end_of(rng, number, before) for before, number in pairwise(numbers)]
    between = rng.choice((", ", ",", "/", " + ", " u. ", ", "))
    return rng.choice(("", "Rg. ", "Rechnungen ")) + between.join((str(numbers[0]), *shortened))


def range_of(rng: Random, first: DocumentNumber, last: DocumentNumber) -> str:
    """Name the first and the last of several: RE-2025-0712 bis 0719."""
    end = rng.choice((str(last), _end_of(rng, last, first), _end_of(rng, last, first)))
    return (
        rng.choice(("", "Rechnungen ", "Rg. "))
        + str(first)
        + rng.choice((" bis ", " - ", "-", " bis ", " to "))
        + end
    )


def short_form(rng: Random, number: DocumentNumber) -> str:
    """Write only the digits that matter: Rg 471, 471/25, Nr. 00471."""
    count = rng.choice((number.running, number.running.lstrip("0"), number.running.lstrip("0")[-4:]))
    return rng.choice(("Rg {}", "Re. {}", "{}", "Rechnung {}", "Nr. {}", "RNr{}", "Inv {}")).format(count)


def is_telling(written: str) -> bool:
    """Whether a short form has so many digits that it points to one document among a customer's."""
    return max((len(run) for run in re.findall(r"[0-9]+", written)), default=0) >= 3


def separators_lost(rng: Random, number: DocumentNumber) -> str:
    """Write the whole number otherwise than printed: other strokes, none at all, no prefix, no leading zeros."""
    parts = _NUMBER.findall(str(number))
    between = rng.choice(("/", ".", "_", " - ", "-"))
    zeroless = [part.lstrip("0") or "0" for part in parts]
    digits = [part for part in parts if part.isdigit()]
    return rng.choice(
        (
            "".join(parts),
            " ".join(parts),
            between.join(parts),
            rng.choice(("", " ")).join(zeroless),
            rng.choice(("", "-", "/")).join(digits),
            "".join(parts).lower(),
            _with_blank(rng, str(number)),
        )
    )


def has_all_digits(written: str, number: DocumentNumber) -> bool:
    """Whether nothing but letters, strokes and blanks was lost."""
    return re.sub(r"[^0-9]", "", written) == re.sub(r"[^0-9]", "", str(number))


def mistyped(rng: Random, number: DocumentNumber) -> str:
    """Mistype the number once: a wrong digit, two swapped, one missing, one too many, a letter for a digit."""
    running = number.running
    if len(running) < 3:
        return f"{number.head}{_one_wrong(rng, running)}{number.tail}"
    place = rng.randrange(max(1, len(running) - 4), len(running))
    way = rng.random()
    if way < 0.45:
        changed = running[:place] + _other_digit(rng, running[place]) + running[place + 1 :]
    elif way < 0.7:
        changed = running[: place - 1] + running[place] + running[place - 1] + running[place + 1 :]
    elif way < 0.85:
        changed = running[:place] + running[place + 1 :]
    elif way < 0.95:
        changed = running[:place] + rng.choice((running[place], rng.choice("0123456789"))) + running[place:]
    else:
        changed = running.translate(str.maketrans("01", "OI"))
    if changed == running:
        changed = running[:-1] + _other_digit(rng, running[-1])
    return f"{number.head}{changed}{number.tail}"


def without_number(rng: Random, quoted: Quoted) -> str:
    """Say nothing that names a document."""
    template = rng.choice(_WITHOUT_NUMBER)
    return _filled(template, quoted, "")


def foreign_number(rng: Random, day: date) -> str:
    """Write a number that is none of our documents: orders, delivery notes, the payer's own bookkeeping."""
    return rng.choice(_FOREIGN).format(
        big=rng.choice((f"45{rng.randrange(10**8):08d}", f"{rng.randrange(10**6, 10**7)}")),
        small=str(rng.randrange(10**4, 10**6)),
        tiny=str(rng.randrange(100, 10**4)),
        area=rng.choice(("711", "40", "89", "221")),
        iso=f"{day:%Y%m%d}",
        day=f"{day:%d.%m.%Y}",
        clock=f"{rng.randrange(24):02d}.{rng.randrange(60):02d}",
    )


def amount(minor: int) -> str:
    """Write an amount as people do: 1.234,56."""
    return f"{minor // 100:,}".replace(",", ".") + f",{minor % 100:02d}"


_MONTHS: Final = "Januar Februar Maerz April Mai Juni Juli August September Oktober November Dezember".split()


def _filled(template: str, quoted: Quoted, written: str) -> str:
    return template.format(
        n=written,
        d=f"{quoted.dated:%d.%m.%Y}" if len(written) % 2 else f"{quoted.dated:%d.%m.%y}",
        m=f"{_MONTHS[quoted.dated.month - 1]} {quoted.dated:%Y}",
        c=quoted.customer_number,
        a=amount(quoted.due_minor),
    )


def _end_of(rng: Random, number: DocumentNumber, before: DocumentNumber) -> str:
    """Give what a person would repeat of a number behind another one: at least the digits that differ."""
    count = number.running
    alike = next((at for at, pair in enumerate(zip(count, before.running, strict=False)) if pair[0] != pair[1]), 0)
    two, three = (count[max(0, min(alike, len(count) - length)) :] for length in (2, 3))
    return rng.choice((count, count.lstrip("0"), two, three))


def _with_blank(rng: Random, number: str) -> str:
    place = rng.randrange(1, len(number))
    return f"{number[:place]} {number[place:]}"


def _other_digit(rng: Random, digit: str) -> str:
    return str((int(digit) + rng.randint(1, 9)) % 10)


def _one_wrong(rng: Random, running: str) -> str:
    return running[:-1] + _other_digit(rng, running[-1])
