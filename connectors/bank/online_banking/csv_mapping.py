"""A mapping (Spaltenzuordnung): which column of a bank's CSV export holds what, as data that people can write."""

from __future__ import annotations

import json
import tomllib
from collections import abc
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from connectors.bank.online_banking.csv_table import normalised
from connectors.bank.online_banking.csv_values import COMMA, DAY_FIRST, DOT, MONTH_FIRST
from ledger.errors import Refused
from ledger.money import MINOR_DIGITS
from ledger.statement import EntryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

# What a column can be to us. Those in _JOINED may be several columns at once, which are put together.
COLUMNS: Final = (
    "booking_date",
    "value_date",
    "amount",  # with its sign, or with `sign`
    "debit",  # Soll
    "credit",  # Haben
    "sign",  # S or H
    "currency",
    "balance",  # after the booking (Saldo nach Buchung)
    "account",  # our own
    "payer_name",
    "payee_name",  # on debits, where the other party has a column of its own there
    "ultimate_name",
    "payer_iban",
    "payee_iban",
    "payer_bic",
    "purpose",
    "posting_text",
    "references",  # invoice numbers the payer's shop gave
    "end_to_end_id",
    "mandate_id",
    "creditor_id",
    "bank_reference",
    "batch_reference",
    "transaction_id",
    "transaction_code",
    "original_amount",
    "original_currency",
    "charges",
    "exchange_rate",
)
_JOINED: Final = frozenset({"purpose", "references"})
_IN_LABELS: Final = frozenset(
    "payer_name ultimate_name payer_iban payer_bic purpose end_to_end_id mandate_id creditor_id bank_reference "
    "batch_reference".split()
)
_DECIMALS: Final = ("", COMMA, DOT)
_ORDERS: Final = ("", DAY_FIRST, MONTH_FIRST)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRule:
    """What a column says about a row: its money has moved, or not yet. A text in neither list is refused."""

    column: str
    booked: tuple[str, ...] = ()  # empty: everything that is not pending
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One kind of CSV export. Column names are compared by letters and digits only, ä and ae being the same.

    ``columns`` gives for each of ``COLUMNS`` its names in the file: the first that is there counts; of purpose and
    references all that are there are joined.
    """

    name: str
    verified: bool = False  # the column names were seen in a real export
    recognised_by: tuple[str, ...]  # all must be there; ``A|B`` is either
    file_name: str = ""  # ``umsaetze_1234567890_*``, where the export itself does not say whose it is
    columns: abc.Mapping[str, tuple[str, ...]]
    status: tuple[StatusRule, ...] = ()
    account: str = ""  # our own IBAN, or a name such as PAYPAL:shop@example.org, where the file names none
    account_above: bool = False  # our own IBAN stands above the table
    account_prefix: str = ""  # before the payer's account, where it is no IBAN
    currency: str = ""  # of rows that name none
    decimal: str = ""  # "," or "."; empty: all amounts of the file together must tell
    date_order: str = ""  # "day first" or "month first"; empty: all dates of the file together must tell
    quotes: bool = True  # False where quotation marks are plain characters
    debit_words: tuple[str, ...] = ("S", "Soll", "D", "Debit", "-")  # in the column ``sign``
    credit_words: tuple[str, ...] = ("H", "Haben", "C", "Credit", "+")
    charges_apart: bool = False  # the charges were taken from the account on top of the amount
    blank: tuple[str, ...] = ()  # words that mean nothing: N/A
    opening: tuple[str, ...] = ()  # label of the line, outside the table, with the balance before the first booking
    closing: tuple[str, ...] = ()  # and after the last one
    balance_rows: str = ""  # column in which the labels of such rows stand, where they are rows of the table
    skip: tuple[str, ...] = ()  # first words of lines below the table that are no bookings
    labels: abc.Mapping[str, str] = field(default_factory=dict)  # inside the purpose: ``EREF:`` -> end_to_end_id
    kinds: abc.Mapping[str, EntryKind] = field(default_factory=dict)  # posting text -> what moved the money

    def as_toml(self) -> str:
        """Write the mapping as a file that can be corrected and saved; reading it again gives the same mapping."""
        return "\n".join(_written(self)) + "\n"

    def fits(self, header: Collection[str]) -> bool:
        """Whether all columns it is recognised by are among these (normalised) names."""
        return all(any(normalised(one) in header for one in name.split("|")) for name in self.recognised_by)

    def fits_file(self, file: str) -> bool:
        """Whether it is meant for a file of this name."""
        return not self.file_name or fnmatchcase(file.casefold(), self.file_name.casefold())


def mapping_from(source: str | abc.Mapping[str, object], place: str, known: Sequence[Mapping] = ()) -> Mapping:
    """Read a mapping from TOML; raise Refused with all mistakes in one message.

    ``like = "comdirect"`` takes everything from one of the ``known`` mappings except what is written beside it.
    """
    mistakes: list[str] = []
    raw = _parsed(source, mistakes) if isinstance(source, str) else dict(source)
    mapping = _mapping(raw, known, mistakes) if not mistakes else None
    if mapping is None or mistakes:
        raise Refused(
            "\n".join((f"{place}: this mapping of CSV columns cannot be used", *(f"    {m}" for m in mistakes)))
        )
    return mapping


def load_mappings(folder: Path, known: Sequence[Mapping] = ()) -> tuple[Mapping, ...]:
    """Read every ``*.toml`` of a folder, by name; a folder that is not there holds none. Raise Refused as above."""
    mappings, mistakes = [], []
    for path in sorted(folder.glob("*.toml")):
        try:
            mappings.append(mapping_from(path.read_text(encoding="utf-8-sig"), path.name, known))
        except (OSError, UnicodeDecodeError) as error:
            mistakes.append(f"{path.name}: the file cannot be read ({error}); save it as UTF-8")
        except Refused as error:
            mistakes.append(str(error))
    names = [mapping.name for mapping in mappings]
    mistakes += [f"{folder}: two mappings are called {n!r}" for n in dict.fromkeys(names) if names.count(n) > 1]
    if mistakes:
        raise Refused("\n".join(mistakes))
    return tuple(mappings)


def _parsed(source: str, mistakes: list[str]) -> dict[str, object]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(f"this is not TOML: {error}")
        return {}


def _mapping(raw: dict[str, object], known: Sequence[Mapping], mistakes: list[str]) -> Mapping | None:
    like = raw.pop("like", "")
    base = next((one for one in known if one.name == like), None)
    if like and base is None:
        mistakes.append(f"like: there is no mapping {like!r}; there is {', '.join(one.name for one in known)}")
    wishes = dict(_checked(raw, mistakes))
    if base is not None:
        wishes["columns"] = {**base.columns, **wishes.get("columns", {})}
        wishes["labels"] = {**base.labels, **wishes.get("labels", {})}
        wishes["kinds"] = {**base.kinds, **wishes.get("kinds", {})}
        mapping = replace(base, **wishes)
    else:
        mistakes += [f"{name}: this is missing" for name in ("name", "recognised_by", "columns") if name not in raw]
        if mistakes:
            return None
        mapping = Mapping(**wishes)
    mistakes += _contradictions(mapping)
    return mapping


def _checked(raw: abc.Mapping[str, object], mistakes: list[str]) -> Iterator[tuple[str, Any]]:
    """Give each setting in its own type; note what is of another type or has a name we do not know."""
    kinds = {one.name: str(one.type) for one in fields(Mapping)}
    for name, value in raw.items():
        problem = ""
        match kinds.get(name), value:
            case None, _:
                problem = f"there is no such setting; there is {', '.join(kinds)}"
            case ("str", str()) | ("bool", bool()):
                yield name, value
            case "tuple[str, ...]", _ if (texts := _texts(value)) is not None:
                yield name, texts
            case "tuple[StatusRule, ...]", list():
                yield name, tuple(_status(value, mistakes))
            case _, dict() if name in {"columns", "labels", "kinds"}:
                yield name, dict(_table(name, value, mistakes))
            case kind, _:
                shape = "true or false" if kind == "bool" else "a text" if kind == "str" else "a list or a table"
                problem = f"{value!r} cannot be used; write {shape}"
        if problem:
            mistakes.append(f"{name}: {problem}")


def _texts(value: object) -> tuple[str, ...] | None:
    """Give a list of texts, or one text as a list; None for everything else."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return None


def _table(name: str, value: abc.Mapping[str, object], mistakes: list[str]) -> Iterator[tuple[str, Any]]:
    allowed = {"columns": COLUMNS, "labels": sorted(_IN_LABELS), "kinds": [kind.value for kind in EntryKind]}[name]
    for key, wish in value.items():
        texts = _texts(wish)
        word = key if name == "columns" else wish
        if texts is None or word not in allowed:
            mistakes.append(f"{name}.{key}: {word!r} is none of {', '.join(allowed)}")
        elif name == "columns":
            yield key, texts
        else:
            yield key, EntryKind(texts[0]) if name == "kinds" else texts[0]


def _status(value: Sequence[object], mistakes: list[str]) -> Iterator[StatusRule]:
    for number, one in enumerate(value, start=1):
        rule = {key: _texts(wish) for key, wish in one.items()} if isinstance(one, dict) else {}
        columns = rule.pop("column", None)
        if columns is None or len(columns) != 1 or not set(rule) <= {"booked", "pending"} or None in rule.values():
            mistakes.append(f'status {number}: write column = "…", booked = ["…"] and pending = ["…"]')
        else:
            yield StatusRule(column=columns[0], **{key: texts for key, texts in rule.items() if texts is not None})


def _contradictions(mapping: Mapping) -> Iterator[str]:
    columns = mapping.columns
    if not mapping.name.strip():
        yield "name: this is empty; fill in the name of the bank"
    if not mapping.recognised_by:
        yield "recognised_by: this is empty; name the columns by which the export is known"
    if "booking_date" not in columns:
        yield "columns.booking_date: this is missing"
    if "amount" not in columns and not {"debit", "credit"} <= columns.keys():
        yield "columns.amount: this is missing; name it, or debit and credit"
    if mapping.decimal not in _DECIMALS:
        yield f'decimal: {mapping.decimal!r} cannot be used; write "," or ".", or leave it out'
    if mapping.date_order not in _ORDERS:
        yield f"date_order: {mapping.date_order!r} cannot be used; write {DAY_FIRST!r}, {MONTH_FIRST!r} or nothing"
    if mapping.currency and mapping.currency not in MINOR_DIGITS:
        yield f"currency: {mapping.currency!r} is none we know; write its ISO code, such as EUR"
    if bool(mapping.opening) != bool(mapping.closing):
        yield "opening, closing: one balance proves nothing; name both or none"
    for single in (name for name, texts in columns.items() if not texts):
        yield f"columns.{single}: this is empty; name its column, or leave it out"
    for setting, text in _compared(mapping):
        if not normalised(text):
            yield f"{setting}: {text!r} has neither letter nor digit, so nothing can be recognised by it"


def _compared(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Give every text that is compared with the file by its letters and digits."""
    yield from (("recognised_by", part) for name in mapping.recognised_by for part in name.split("|"))
    yield from ((f"columns.{ours}", text) for ours, texts in mapping.columns.items() for text in texts)
    yield from (("opening", text) for text in mapping.opening)
    yield from (("closing", text) for text in mapping.closing)
    yield from (("skip", text) for text in mapping.skip)
    yield from (("labels", text) for text in mapping.labels)
    yield from (("status.column", rule.column) for rule in mapping.status)


def _written(mapping: Mapping) -> Iterator[str]:
    tables: list[str] = []
    for one in fields(Mapping):
        value = getattr(mapping, one.name)
        match value:
            case bool():
                yield f"{one.name} = {str(value).lower()}"
            case abc.Mapping():
                tables += ["", f"[{one.name}]", *(f"{_quoted(key)} = {_value(wish)}" for key, wish in value.items())]
            case tuple() if one.name == "status":
                for rule in value:
                    tables += ["", "[[status]]", f"column = {_quoted(rule.column)}"]
                    tables += [f"booked = {_value(rule.booked)}", f"pending = {_value(rule.pending)}"]
            case _:
                yield f"{one.name} = {_value(value)}"
    yield from tables


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return _quoted(value[0]) if len(value) == 1 else f"[{', '.join(_quoted(text) for text in value)}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    # TOML's basic strings are JSON's, except that DEL must be escaped as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
