"""Fee tables (Gebührentabellen): what a court, a lawyer or a collection agency may cost, by value and date.

The law writes a fee up to 500 EUR and what each begun step above adds (§ 13 Abs. 1 RVG, § 34 Abs. 1 GKG); so do the
tables. All amounts are euro; a claim in another currency is converted by a person first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from dunning.law_table import rows_of, verify_checksum
from ledger.money import Money, from_decimal
from ledger.numerals import read_date, read_decimal
from ledger.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EURO: Final = "EUR"
SMALL_CLAIM: Final = Money(5000, EURO)  # § 13 Abs. 2 RVG


class CollectionRate(StrEnum):
    """The rate of the fee for collecting out of court (VV RVG Nr. 2300 with note 2; § 13e RDG).

    The lower two are law since 1 October 2021; of older mandates they never claim more than the law then allowed.
    """

    SIMPLE = "simple"  # 0.5: undisputed, and as a rule paid within two weeks of the first demand
    UNDISPUTED = "undisputed"  # 0.9: at most for an undisputed claim in general
    DISPUTED = "disputed"  # 1.3: no more without special effort

    @property
    def factor(self) -> Decimal:
        """The rate as a number."""
        return _FACTORS[self]


_FACTORS: Final = {
    CollectionRate.SIMPLE: Decimal("0.5"),
    CollectionRate.UNDISPUTED: Decimal("0.9"),
    CollectionRate.DISPUTED: Decimal("1.3"),
}
_EXPENSES: Final = Fraction(20, 100)  # VV RVG Nr. 7002
_COURT_FACTOR: Final = Decimal("0.5")  # KV GKG Nr. 1100
_MANDATE_FACTOR: Final = Decimal(1)  # VV RVG Nr. 3305
_ENFORCEMENT_FACTOR: Final = Decimal("0.5")  # VV RVG Nr. 3308
_PLAN_FACTOR: Final = Decimal("0.7")  # VV RVG Nr. 1000 Nr. 2
_PLAN_FACTOR_FROM: Final = date(2021, 10, 1)
_PLAN_VALUE: Final = Fraction(1, 2)  # § 31b RVG


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Up to this value (None: without end), each begun step adds a fee."""

    up_to: Money | None
    step: Money
    fee: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeTable:
    """Fees at a rate of 1.0 from a day on."""

    valid_from: date
    brackets: tuple[Bracket, ...]

    def fee(self, value: Money) -> Money:
        """Give the fee at 1.0 for a value, the least one for nothing; ValueError below zero and outside euro."""
        if value.currency != EURO or value.minor < 0:
            raise ValueError(f"fees are computed from a value in euro, not from {value}")
        # The first bracket is a single step, owed in any case; of the others each begun step adds its fee.
        first, *further = self.brackets
        fee, lower = first.fee, first.step
        for bracket in further:
            upper = min(value, bracket.up_to) if bracket.up_to else value
            if upper <= lower:
                break
            begun = -(-(upper - lower).minor // bracket.step.minor)
            fee += Money(begun * bracket.fee.minor, EURO)
            lower = upper
        return fee


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFee:
    """An amount that does not grow with the claim, from a day on."""

    name: str
    valid_from: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """Everything that is known about fees, old tables too: the day of the mandate or application chooses."""

    lawyer: tuple[FeeTable, ...]  # § 13 RVG
    court: tuple[FeeTable, ...]  # § 34 GKG
    fixed: tuple[FixedFee, ...]

    def amount(self, name: str, day: date) -> Money | None:
        """Give a fixed amount as of a day; None before it existed."""
        known = [one for one in self.fixed if one.name == name and one.valid_from <= day]
        return max(known, key=lambda one: one.valid_from).amount if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalCost:
    """The cost of pursuing a claim: fee, expenses, and VAT where the creditor cannot deduct it."""

    fee: Money
    expenses: Money  # Auslagenpauschale
    tax: Money
    law: str

    @property
    def total(self) -> Money:
        """Everything together."""
        return self.fee + self.expenses + self.tax


def court_fee(value: Money, day: date, schedule: FeeSchedule) -> Money:
    """Give the court's fee for a Mahnbescheid: 0.5, at least the minimum (KV GKG Nr. 1100).

    ``value`` is the principal alone, without interest and costs (§ 43 GKG); ``day`` the one of the application. The
    application states no fee: the court computes it. Raises ValueError for a day before the oldest table.
    """
    fee = _at(_COURT_FACTOR, table_on(schedule.court, day).fee(value))
    minimum = schedule.amount("kv_1100_minimum", day)
    return max(fee, minimum) if minimum else fee


def collection_cost(
    value: Money,
    mandate_on: date,
    rate: CollectionRate,
    schedule: FeeSchedule,
    *,
    tax_percent: Decimal | None = None,
) -> LegalCost:
    """Give what a collection agency or lawyer may at most cost the debtor (§§ 13e, 13f RDG, VV RVG 2300, 7002).

    ``tax_percent`` only where the creditor cannot deduct input VAT (§ 13a Abs. 1 Nr. 6 RDG). Raises ValueError for a
    mandate before the oldest table.
    """
    base = table_on(schedule.lawyer, mandate_on).fee(value)
    if rate is not CollectionRate.DISPUTED and value <= SMALL_CLAIM:
        base = schedule.amount("small_undisputed", mandate_on) or base
    return _with_expenses(_at(rate.factor, base), mandate_on, schedule, tax_percent, "§ 13e RDG, VV RVG Nr. 2300")


def payment_plan_cost(
    value: Money, mandate_on: date, schedule: FeeSchedule, *, tax_percent: Decimal | None = None
) -> LegalCost:
    """Give what an agency may charge for agreeing on instalments: 0.7 on half of the claim (VV RVG 1000, § 31b RVG).

    A private person must be told of it in text before (§ 13a Abs. 3 RDG). Raises ValueError for a mandate of before
    October 2021, when rate and value were others.
    """
    if mandate_on < _PLAN_FACTOR_FROM:
        raise ValueError(f"the fee for instalments is known for mandates from {_PLAN_FACTOR_FROM} on only")
    half = Money(half_up(value.minor * _PLAN_VALUE), value.currency)
    fee = _at(_PLAN_FACTOR, table_on(schedule.lawyer, mandate_on).fee(half))
    return _with_expenses(fee, mandate_on, schedule, tax_percent, "VV RVG Nr. 1000 Nr. 2, § 31b RVG")


def court_lawyer_cost(
    value: Money,
    mandate_on: date,
    schedule: FeeSchedule,
    *,
    enforcement: bool = False,
    tax_percent: Decimal | None = None,
) -> LegalCost:
    """Give a lawyer's cost of the Mahnbescheid (VV RVG 3305), with ``enforcement`` that of its enforcement order too.

    Both fees are one matter, with the expenses of one. A fee earned before out of court is not credited here
    (Vorbemerkung 3 Abs. 4 VV RVG); the court computes it.
    """
    base = table_on(schedule.lawyer, mandate_on).fee(value)
    fee = _at(_MANDATE_FACTOR, base)
    if enforcement:
        fee += _at(_ENFORCEMENT_FACTOR, base)
    law = "VV RVG Nr. 3305, 3308" if enforcement else "VV RVG Nr. 3305"
    return _with_expenses(fee, mandate_on, schedule, tax_percent, law)


def table_on(tables: Sequence[FeeTable], day: date) -> FeeTable:
    """Choose the table of a day; raise ValueError for a day before the oldest one."""
    known = [table for table in tables if table.valid_from <= day]
    if not known:
        raise ValueError(f"no fee table is known for {day}: the oldest one starts on {tables[0].valid_from}")
    return max(known, key=lambda table: table.valid_from)


def read_fee_schedule(lawyer: str, court: str, fixed: str) -> FeeSchedule:
    """Read the three tables from CSV text; raise ValueError for a spoiled one (checksum) or an unreadable row."""
    for text in (lawyer, court, fixed):
        verify_checksum(text)
    amounts = [
        FixedFee(name=name, valid_from=read_date(day), amount=_euro(eur)) for name, day, eur in _cells(fixed, 3)
    ]
    return FeeSchedule(lawyer=_tables(lawyer), court=_tables(court), fixed=tuple(amounts))


def _tables(text: str) -> tuple[FeeTable, ...]:
    brackets: dict[date, list[Bracket]] = {}
    for day, up_to, step, fee in _cells(text, 4):
        bracket = Bracket(up_to=_euro(up_to) if up_to else None, step=_euro(step), fee=_euro(fee))
        brackets.setdefault(read_date(day), []).append(bracket)
    return tuple(FeeTable(valid_from=day, brackets=tuple(brackets[day])) for day in sorted(brackets))


def _cells(text: str, columns: int) -> Iterable[tuple[str, ...]]:
    for line, row in rows_of(text)[1:]:
        if len(row) != columns:
            raise ValueError(f"line {line}: {','.join(row)!r} has {len(row)} columns; write {columns}")
        yield row


def _euro(text: str) -> Money:
    return from_decimal(read_decimal(text), EURO)


def _at(factor: Decimal, fee: Money) -> Money:
    # Half a cent is rounded up (§ 2 Abs. 2 Satz 2 RVG).
    return Money(half_up(Fraction(factor) * fee.minor), fee.currency)


def _with_expenses(fee: Money, day: date, schedule: FeeSchedule, tax_percent: Decimal | None, law: str) -> LegalCost:
    if minimum := schedule.amount("rvg_minimum", day):
        fee = max(fee, minimum)
    expenses = Money(half_up(_EXPENSES * fee.minor), EURO)
    if maximum := schedule.amount("vv_7002_maximum", day):
        expenses = min(expenses, maximum)
    tax = Fraction(tax_percent or 0) / 100 * (fee + expenses).minor
    return LegalCost(fee=fee, expenses=expenses, tax=Money(half_up(tax), EURO), law=law)
