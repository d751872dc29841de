"""Columns guessed by their names and their contents (Spalten raten): for the preview alone, never for a night."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from rapidfuzz.fuzz import ratio

from connectors.accounting.column_profile import Profile, profile_of
from connectors.accounting.headers import OPEN_ITEM_COLUMNS, columns_of_items, normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connectors.accounting.headers import Column
    from connectors.accounting.table import Table

# Words of other tools and languages, beside the names that are understood as they are.
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "document_number": "beleg rechnung rechnungsnummer rechnungnr rgnr invoice invoiceno invoicenumber "
        "documentno docno billno reference facture nofacture numerofacture fattura numerofattura "
        "numerodocumento factuur factuurnummer factura numerofactura opnummer opnr",
        "kind": "vorgangsart belegtyp doctype documenttype type typedocument tipodocumento soort documentsoort art",
        "debtor_number": "kunde kdnr kundennr kundenkonto debitorkonto customer customerno customerid "
        "customeraccount clientno client codeclient numeroclient compteclient cliente codicecliente "
        "codigocliente klant klantnummer debiteur debiteurnummer account accountno geschaeftspartner",
        "document_date": "belegdatum rechnungsdatum redatum rgdatum ausgestelltam invoicedate documentdate issued "
        "issuedate postingdate date datefacture datafattura factuurdatum fechafactura fecha datum",
        "due_date": "faellig faelligkeit faelligam netto faelligkeitsdatum zahlungsziel zahlbarbis duedate due dueon "
        "netduedate payableuntil echeance dateecheance scadenza datascadenza vervaldatum vencimiento "
        "fechavencimiento",
        "amount": "betrag bruttobetrag rechnungsbetrag rechnungssumme gesamtbetrag summebrutto total amount "
        "grossamount invoiceamount totalamount montant montantttc importo totale bedrag factuurbedrag importe",
        "open_amount": "offen offenerbetrag offenerposten restbetrag rest saldo nochoffen opbetrag open openamount "
        "outstanding outstandingamount amountdue balance balancedue remaining solde restedu resteapayer saldoaperto "
        "residuo openstaand openstaandbedrag saldopendiente pendiente",
        "currency": "waehrung wkz whg currency curr devise valuta moneda divisa",
    }
)
# What belongs together and is told apart by comparing: (first, second), and the second is never the smaller.
_PAIRS: Final = (("document_date", "due_date"), ("open_amount", "amount"), ("debtor_number", "document_number"))

_NAME_COUNTS: Final = 70  # a likeness in percent below which a name says nothing
_BY_CONTENT: Final = 45  # the most that content alone can say
_RELATION: Final = 15
_NEAR: Final = 8  # two readings this near to each other are the same to us
_ENOUGH: Final = 35


class Sureness(StrEnum):
    """How sure a column is."""

    BY_NAME = "by name"  # understood without any setting
    SURE = "sure"
    LIKELY = "likely"
    AMBIGUOUS = "ambiguous"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What one of our columns is in a list; ``candidates`` are the headers it may be, the likeliest first."""

    ours: str
    sureness: Sureness
    percent: int = 0
    candidates: tuple[str, ...] = ()
    mandatory: bool = False

    @property
    def is_by_content(self) -> bool:
        """Whether nothing but what stands in it speaks for the column."""
        return self.percent <= _BY_CONTENT

    @property
    def header(self) -> str:
        """Give the column of the file; empty where it is missing, or would have to be chosen."""
        return self.candidates[0] if self.sureness not in {Sureness.AMBIGUOUS, Sureness.MISSING} else ""


@dataclass(slots=True)
class _Search:
    """The columns of a table that are still free, and how well each would be one of ours."""

    header: tuple[str, ...]
    profiles: tuple[Profile, ...]
    spellings: Mapping[str, tuple[str, ...]]
    fixed: dict[str, int] = field(default_factory=dict)

    def score(self, ours: str, place: int) -> int:
        """Give how well a column would be this one of ours, 0 to 100; 0 where its contents forbid it."""
        content = _CONTENT[ours](self.profiles[place])
        if not content:
            return 0
        name = max((_likeness(normalised(self.header[place]), word) for word in self.spellings[ours]), default=0)
        return int(60 * name / 100 + 40 * content) if name >= _NAME_COUNTS else int(_BY_CONTENT * content)

    def options(self, ours: str) -> list[tuple[int, int]]:
        """Give (place, score) of every free column that may be this one of ours; only its own where it is known."""
        if ours in self.fixed:
            return [(self.fixed[ours], 100)]
        taken = set(self.fixed.values())
        places = (place for place, text in enumerate(self.header) if text and place not in taken)
        return [(place, score) for place in places if (score := self.score(ours, place)) >= _ENOUGH]


def guess(table: Table, mapping: Mapping[str, str]) -> tuple[Guess, ...]:
    """Guess what each of our columns is; what the ``mapping`` or a name says goes before every guess."""
    columns = columns_of_items(table.header, mapping)
    written = [normalised(text) for text in table.header]
    named = {column.name: _named(column, written, mapping) for column in columns}
    search = _Search(
        header=table.header,
        profiles=tuple(profile_of(table.rows, place) for place in range(len(table.header))),
        spellings={name: tuple(words.split()) for name, words in _WORDS.items()},
        fixed={name: places[0] for name, places in named.items() if len(places) == 1},
    )
    # By debit and credit, an amount that is not known by its name may be anything.
    weighed = columns if columns is OPEN_ITEM_COLUMNS else [column for column in columns if column.mandatory]
    wanted = {column.name for column in weighed if column.name in _WORDS}
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for pair in _PAIRS:
        if wanted.issuperset(pair) and not any(len(named[name]) > 1 for name in pair):
            found |= _best_pair(search, pair)
            search.fixed |= {ours: places[0] for ours in pair if len(places := found.get(ours, (0, ()))[1]) == 1}
    for ours in _WORDS:
        if ours in wanted and ours not in found and not named[ours]:
            found |= _best_single(search, ours)
    return tuple(_told(column, named[column.name], found.get(column.name), table.header) for column in columns)


def _named(column: Column, written: Sequence[str], mapping: Mapping[str, str]) -> list[int]:
    if column.name in mapping:
        return [place for place, text in enumerate(written) if text == normalised(mapping[column.name])]
    own = [place for place, text in enumerate(written) if text == normalised(column.name)]
    others = {normalised(text) for text in column.also}
    mapped = {normalised(text) for text in mapping.values()}
    return own or [place for place, text in enumerate(written) if text in others and text not in mapped]


def _best_pair(search: _Search, pair: tuple[str, str]) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Choose two columns together; each with all the places that do (nearly) as well."""
    first, second = pair
    weighed: list[tuple[int, tuple[tuple[int, int] | None, tuple[int, int] | None]]] = []
    for one, other in product([*search.options(first), None], [*search.options(second), None]):
        if one and other and one[0] == other[0]:
            continue
        weight = (one[1] if one else 0) + (other[1] if other else 0)
        if one and other:
            weight += _RELATION * _relation(pair, search.profiles[one[0]], search.profiles[other[0]])
        weighed.append((weight, (one, other)))
    best = max(weight for weight, _ in weighed)
    chosen = next(readings for weight, readings in weighed if weight == best)
    found: dict[str, tuple[int, tuple[int, ...]]] = {}
    for index, ours in enumerate(pair):
        if (choice := chosen[index]) is None:
            continue
        near = [r[index] for weight, r in sorted(weighed, key=lambda w: -w[0]) if best - weight <= _NEAR]
        places = dict.fromkeys([choice[0], *(reading[0] for reading in near if reading)])
        found[ours] = (choice[1], tuple(places))
    return found


def _best_single(search: _Search, ours: str) -> dict[str, tuple[int, tuple[int, ...]]]:
    options = sorted(search.options(ours), key=lambda option: -option[1])
    if not options:
        return {}
    best = options[0][1]
    return {ours: (best, tuple(place for place, score in options if best - score <= _NEAR))}


def _relation(pair: tuple[str, str], first: Profile, second: Profile) -> int:
    """Tell whether two columns stand to each other as they must: 1, or 0 where nothing tells, or -4 where not."""
    if pair == ("debtor_number", "document_number"):
        return (first.distinct < second.distinct) - 4 * (first.distinct > second.distinct)
    both = [
        (a, b)
        for a, b in zip(first.values(pair[0]), second.values(pair[1]), strict=True)
        if a is not None and b is not None
    ]
    if sum(a > b for a, b in both) * 20 > len(both):
        return -4
    return int(any(a < b for a, b in both))


def _told(
    column: Column, named: Sequence[int], found: tuple[int, tuple[int, ...]] | None, header: Sequence[str]
) -> Guess:
    places = tuple(named) or (found[1] if found else ())
    percent = 100 if named else min(found[0], 99) if found else 0
    if not places:
        sureness = Sureness.MISSING
    elif len(places) > 1:
        sureness = Sureness.AMBIGUOUS
    elif named:
        sureness = Sureness.BY_NAME
    else:
        sureness = Sureness.SURE if percent >= 85 else Sureness.LIKELY
    return Guess(
        ours=column.name,
        sureness=sureness,
        percent=percent,
        candidates=tuple(header[place] for place in places),
        mandatory=column.mandatory,
    )


def _likeness(written: str, word: str) -> int:
    """Compare a header with a word, in percent; a word inside a longer header is nearly as good as the word."""
    inside = len(word) >= 5 and word in written
    return max(int(ratio(written, word)), 85 if inside else 0)


_CONTENT: Final[Mapping[str, Callable[[Profile], float]]] = MappingProxyType(
    {
        "document_number": lambda profile: profile.codes_seen if profile.is_unique else 0.0,
        "kind": lambda profile: profile.kinds_seen,
        "debtor_number": lambda profile: profile.codes_seen if profile.repeats else profile.codes_seen * 0.8,
        "document_date": lambda profile: profile.days_seen,
        "due_date": lambda profile: profile.days_seen,
        "amount": lambda profile: profile.cents_seen,
        "open_amount": lambda profile: profile.cents_seen,
        "currency": lambda profile: profile.currencies_seen,
    }
)
