"""The law of a country (Landesrecht): rates, lump sum and limits as data, with German law as the house's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from dunning.rate_table import FlatRate, Rate
from dunning.toml_table import read_table, whole_number, word, yes_or_no
from ledger.debtor import DebtorType
from ledger.money import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dunning.rate_table import RateTable


class ClaimKind(StrEnum):
    """What is owed, as far as the rate depends on it."""

    PERFORMANCE = "performance"  # Entgeltforderung: the price of goods or services
    OTHER = "other"  # damages, refunds, costs, the lump sum itself
    CONSUMER_CREDIT = "consumer_credit"  # Verbraucherdarlehen, paid deferral (§§ 497, 506 BGB)
    REAL_ESTATE_CREDIT = "real_estate_credit"  # Immobiliar-Verbraucherdarlehen (§ 497 Abs. 4 BGB)


class Applies(StrEnum):
    """To which claims a rule of interest applies."""

    BUSINESS = "business"  # no consumer is a party, and the claim is the price of a performance
    GENERAL = "general"  # every other late claim
    CONSUMER_CREDIT = "consumer_credit"
    REAL_ESTATE_CREDIT = "real_estate_credit"
    MERCHANTS_BEFORE_DEFAULT = "merchants_before_default"  # from the due date on (Fälligkeitszinsen)


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestRule:
    """One rate with the contracts it holds for: either points above the base rate or a flat percent."""

    applies: Applies
    law: str  # the paragraph
    contracts_from: date = date.min  # the first day of contracts it holds for
    # Of a continuing contract that is older: it holds for what was performed after this day.
    performed_after: date | None = None
    above_base: Decimal | None = None
    flat: Decimal | None = None

    def holds_for(self, contract_on: date | None, performed_on: date | None) -> bool:
        """Whether it holds for a contract of this day, or for this performance within an older one."""
        return _holds(self.contracts_from, self.performed_after, contract_on, performed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class LumpSumRule:
    """The lump sum for recovery (Verzugspauschale), once for each late claim between businesses."""

    amount: Money
    law: str
    contracts_from: date = date.min
    performed_after: date | None = None

    def holds_for(self, contract_on: date | None, performed_on: date | None) -> bool:
        """Whether it holds for a contract of this day, or for this performance within an older one."""
        return _holds(self.contracts_from, self.performed_after, contract_on, performed_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryLaw:
    """What the law of one country says about late payment. Rules are in no particular order."""

    country: str  # ISO 3166-1 alpha-2
    interest: tuple[InterestRule, ...]
    thirty_day_rule: bool  # default without a reminder (§ 286 Abs. 3 BGB)
    limitation_years: int  # Verjährung of the price of goods and services
    limitation_from_year_end: bool  # it starts with the end of the year (§ 199 Abs. 1 BGB)
    lump_sum: LumpSumRule | None = None
    fees_must_be_agreed: bool = False  # no fee of a reminder is damage of default; only a contract gives one

    def rule(
        self,
        applies: Applies,
        contract_on: date | None = None,
        performed_on: date | None = None,
    ) -> InterestRule | None:
        """Give the youngest rule that holds for a contract of this day, or of today where the day is unknown (None).

        ``performed_on`` is when a continuing contract (Dauerschuldverhältnis) was performed; leave it out otherwise.
        """
        found = (one for one in self.interest if one.applies is applies and one.holds_for(contract_on, performed_on))
        return max(found, key=lambda one: one.contracts_from, default=None)

    def default_rule(
        self,
        debtor_type: DebtorType,
        kind: ClaimKind = ClaimKind.PERFORMANCE,
        contract_on: date | None = None,
        performed_on: date | None = None,
    ) -> InterestRule:
        """Give the rule for default interest; who is not known to be a business is treated like a consumer."""
        special = self.rule(_applies(debtor_type, kind), contract_on, performed_on)
        found = special or self.rule(Applies.GENERAL, contract_on, performed_on)
        assert found is not None, self.country
        return found


def rate_of(rule: InterestRule, base_rates: RateTable) -> Rate:
    """Turn a rule into the rate it gives with the base rates of its country."""
    if rule.flat is not None:
        return Rate(table=FlatRate(rule.flat), law=rule.law)
    assert rule.above_base is not None, rule
    return Rate(points=rule.above_base, table=base_rates, law=rule.law)


def _holds(
    contracts_from: date, performed_after: date | None, contract_on: date | None, performed_on: date | None
) -> bool:
    if contract_on is None or contract_on >= contracts_from:
        return True
    return performed_after is not None and performed_on is not None and performed_on > performed_after


def _applies(debtor_type: DebtorType, kind: ClaimKind) -> Applies:
    match kind:
        case ClaimKind.CONSUMER_CREDIT:
            return Applies.CONSUMER_CREDIT
        case ClaimKind.REAL_ESTATE_CREDIT:
            return Applies.REAL_ESTATE_CREDIT
        case ClaimKind.PERFORMANCE if debtor_type is DebtorType.BUSINESS:
            return Applies.BUSINESS
        case _:
            return Applies.GENERAL


# The law against late payment of 29 July 2014, and when it reached continuing contracts (Art. 229 § 34 EGBGB).
_NEW_LAW: Final = date(2014, 7, 29)
_CONTINUING: Final = date(2016, 6, 30)
# The reform of the law of obligations, and when it reached continuing contracts (Art. 229 § 5 EGBGB).
_REFORM: Final = date(2002, 1, 1)
_REFORM_CONTINUING: Final = date(2002, 12, 31)

GERMANY: Final = CountryLaw(
    country="DE",
    interest=(
        InterestRule(
            applies=Applies.BUSINESS,
            law="§ 288 Abs. 2 BGB",
            contracts_from=_NEW_LAW,
            performed_after=_CONTINUING,
            above_base=Decimal(9),
        ),
        InterestRule(
            applies=Applies.BUSINESS,
            law="§ 288 Abs. 2 BGB a. F., Art. 229 § 34 EGBGB",
            contracts_from=_REFORM,
            performed_after=_REFORM_CONTINUING,
            above_base=Decimal(8),
        ),
        # Of claims due before 1 May 2000, 4 % (Art. 229 § 1 EGBGB); the table of base rates is younger.
        InterestRule(
            applies=Applies.BUSINESS, law="§ 288 Abs. 1 BGB a. F., Art. 229 § 5 EGBGB", above_base=Decimal(5)
        ),
        InterestRule(applies=Applies.GENERAL, law="§ 288 Abs. 1 BGB", above_base=Decimal(5)),
        InterestRule(applies=Applies.CONSUMER_CREDIT, law="§§ 497 Abs. 1, 288 Abs. 1 BGB", above_base=Decimal(5)),
        InterestRule(applies=Applies.REAL_ESTATE_CREDIT, law="§ 497 Abs. 4 BGB", above_base=Decimal("2.5")),
        InterestRule(applies=Applies.MERCHANTS_BEFORE_DEFAULT, law="§§ 353, 352 HGB", flat=Decimal(5)),
    ),
    thirty_day_rule=True,
    limitation_years=3,
    limitation_from_year_end=True,
    lump_sum=LumpSumRule(
        amount=Money(4000, "EUR"),
        law="§ 288 Abs. 5 BGB",
        contracts_from=_NEW_LAW,
        performed_after=_CONTINUING,
    ),
)


def read_country(mapping: Mapping[str, object]) -> CountryLaw:
    """Read the law of a country as TOML gives it; raise ValueError with every mistake, one a line."""
    mistakes: list[str] = []
    flat = {key: mapping[key] for key in mapping if key not in _PARTS}
    values = read_table(flat, _COUNTRY, "country", mistakes, optional=("fees_must_be_agreed",))
    rules = mapping.get("interest")
    interest = tuple(_rules(rules if isinstance(rules, list) else [], mistakes))
    lump_sum = _lump_sum(mapping["lump_sum"], mistakes) if "lump_sum" in mapping else None
    if not any(rule.applies is Applies.GENERAL for rule in interest):
        mistakes.append('interest: a rule that applies = "general" is missing; every late claim needs a rate')
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return CountryLaw(interest=interest, lump_sum=lump_sum, **values)


def _rules(tables: list[object], mistakes: list[str]) -> Iterator[InterestRule]:
    for number, table in enumerate(tables, 1):
        place = f"interest {number}"
        before = len(mistakes)
        values = read_table(table, _RULE, place, mistakes, optional=_RATES | _MAY_BE_ABSENT)
        if len(_RATES & values.keys()) != 1:
            mistakes.append(f"{place}: write either above_base or flat")
        if len(mistakes) == before:
            yield InterestRule(**values)


def _lump_sum(table: object, mistakes: list[str]) -> LumpSumRule | None:
    before = len(mistakes)
    values = read_table(table, _LUMP_SUM, "lump_sum", mistakes, optional=_MAY_BE_ABSENT)
    if len(mistakes) > before:
        return None
    return LumpSumRule(amount=Money(values.pop("minor"), values.pop("currency")), **values)


def _points(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        raise ValueError("write percent or points such as 9.2")
    return Decimal(value)


def _day(value: object) -> date:
    match value:
        case date() if not isinstance(value, datetime):
            return value
        case _:
            raise ValueError("write a day such as 2013-03-16, without quotation marks")


def _applied(value: object) -> Applies:
    try:
        return Applies(word(value))
    except ValueError:
        raise ValueError(f"write one of {', '.join(Applies)}") from None


_PARTS: Final = frozenset({"interest", "lump_sum"})
_RATES: Final = frozenset({"above_base", "flat"})
_MAY_BE_ABSENT: Final = frozenset({"contracts_from"})  # a rule that does not say so holds for every contract
_COUNTRY: Final[Mapping[str, Callable[[object], object]]] = {
    "country": word,
    "thirty_day_rule": yes_or_no,
    "limitation_years": whole_number,
    "limitation_from_year_end": yes_or_no,
    "fees_must_be_agreed": yes_or_no,
}
_RULE: Final[Mapping[str, Callable[[object], object]]] = {
    "applies": _applied,
    "law": word,
    "contracts_from": _day,
    "above_base": _points,
    "flat": _points,
}
_LUMP_SUM: Final[Mapping[str, Callable[[object], object]]] = {
    "minor": whole_number,
    "currency": word,
    "law": word,
    "contracts_from": _day,
}
