"""The company's own rules (Regeln des Mandanten): what the accountant has said once about money that is not ours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ledger.text import squeeze, words
from reconciliation.index import account_key
from reconciliation.other_money import label_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ledger.allocation import Allocation
    from ledger.money import Money
    from ledger.statement import EntryKind, StatementEntry

_SHORTEST_TEXT: Final = 3  # letters and digits; fewer are found in every text


class RuleEffect(StrEnum):
    """What a rule does with what it matches."""

    SET_ASIDE = "set_aside"  # needs nobody, unless it names an open document
    ALWAYS_ASK = "always_ask"  # is never booked without a person


class Direction(StrEnum):
    """Which way the money goes."""

    IN = "in"
    OUT = "out"


class UnusableRule(ValueError):
    """A rule that would match everything, nothing, or cannot be understood; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyRule:
    """What is to be done with entries that meet all its conditions; an empty condition asks nothing.

    A rule must name somebody or something (account, name, text, kind or code): direction and amount alone match
    strangers. Raises UnusableRule.
    """

    label: str  # what it is, for the accountant: "Kartenumsätze Concardis"
    effect: RuleEffect
    who: str
    added_on: date
    why: str = ""
    payer_account: str = ""
    payer_name: str = ""  # all these words stand in the name, in any order
    text: str = ""  # stands in the remittance information; blanks, capitals and umlauts do not count
    kind: EntryKind | None = None
    transaction_code: str = ""  # as the bank delivered it, or its beginning
    minimum: Money | None = None  # of the amount without its sign
    maximum: Money | None = None
    direction: Direction | None = None
    rule_id: str = ""  # given by storage
    revoked_on: date | None = None

    def __post_init__(self) -> None:
        if not self.label.strip():
            raise UnusableRule("a rule needs a label: say what this money is")
        if not (self.payer_account or self.payer_name or self.text or self.kind or self.transaction_code):
            raise UnusableRule(
                "a rule needs an account, name, text, kind or code: direction and amount alone match strangers"
            )
        if self.payer_name and not words(self.payer_name):
            raise UnusableRule(f"the name {self.payer_name!r} has no letters")
        if self.text and len(squeeze(self.text)) < _SHORTEST_TEXT:
            raise UnusableRule(f"the text {self.text!r} is too short: it would be found everywhere")
        _check_range(self.minimum, self.maximum)

    def matches(self, entry: StatementEntry) -> bool:
        """Whether an entry meets every condition."""
        return (
            (not self.payer_account or account_key(self.payer_account) == account_key(entry.payer_iban))
            and (self.kind is None or self.kind is entry.kind)
            and entry.transaction_code.startswith(self.transaction_code)
            and (self.direction is None or (self.direction is Direction.IN) == (entry.amount.minor > 0))
            and self._amount_fits(abs(entry.amount))
            and set(words(self.payer_name)) <= set(words(entry.payer_name))
            and (not self.text or squeeze(self.text) in squeeze(entry.remittance))
        )

    def told(self) -> str:
        """Say in one sentence which rule it is and who wanted it."""
        why = f", because {self.why}" if self.why else ""
        number = f" {self.rule_id}" if self.rule_id else ""
        does = "is set aside" if self.effect is RuleEffect.SET_ASIDE else "is always asked"
        return f"{self.label}: {does} by the rule{number} of {self.who} of {self.added_on:%d.%m.%Y}{why}"

    def specificity(self) -> tuple[object, ...]:
        """Order rules, the most specific first; of equals, asking goes before setting aside, then the newer rule."""
        named = (self.payer_account, self.transaction_code, self.payer_name, self.text)
        conditions = sum(map(bool, named)) + sum(
            one is not None for one in (self.kind, self.direction, self.minimum, self.maximum)
        )
        return (
            not self.payer_account,
            -conditions,
            -len(squeeze(self.payer_name)) - len(squeeze(self.text)),
            self.effect is RuleEffect.SET_ASIDE,
            -self.added_on.toordinal(),
            self.rule_id,
        )

    def _amount_fits(self, amount: Money) -> bool:
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        if any(limit.currency != amount.currency for limit in limits):
            return False
        low = self.minimum is None or self.minimum <= amount
        return low and (self.maximum is None or amount <= self.maximum)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules in force, filed so that an entry meets only those of its account and those of none."""

    by_account: Mapping[str, Sequence[CompanyRule]] = field(default_factory=lambda: MappingProxyType({}))
    of_no_account: Sequence[CompanyRule] = ()

    def rule_for(self, entry: StatementEntry) -> CompanyRule | None:
        """Give the most specific rule that matches an entry; a rule with an account goes before one without."""
        own = self.by_account.get(account_key(entry.payer_iban), ())
        return next((rule for rule in (*own, *self.of_no_account) if rule.matches(entry)), None)


NO_RULES: Final = RuleBook()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a rule would have matched in the past."""

    matched: tuple[StatementEntry, ...]  # oldest first
    settled: tuple[StatementEntry, ...]  # those among them that were booked to documents

    def warning(self) -> str:
        """Say that a rule would have hidden payments of debtors; empty where it would not."""
        if not self.settled:
            return ""
        first = self.settled[0]
        return (
            f"{len(self.settled)} of {len(self.matched)} matched entries were booked to documents, the first on "
            f"{first.booking_date:%d.%m.%Y} over {first.amount} from {first.payer_name or first.payer_iban}: "
            "this rule would have kept payments of debtors from being booked"
        )


def rule_book(rules: Iterable[CompanyRule]) -> RuleBook:
    """File the rules that are not revoked, the most specific first; their order decides nothing."""
    by_account: defaultdict[str, list[CompanyRule]] = defaultdict(list)
    for rule in sorted((rule for rule in rules if rule.revoked_on is None), key=CompanyRule.specificity):
        by_account[account_key(rule.payer_account)].append(rule)
    of_no_account = tuple(by_account.pop("", ()))
    return RuleBook(MappingProxyType({account: tuple(own) for account, own in by_account.items()}), of_no_account)


def rule_from(entry: StatementEntry, *, who: str, added_on: date, label: str = "", why: str = "") -> CompanyRule:
    """Propose the rule "always for this payer" from one entry: its account, else its name, in its direction.

    Raises UnusableRule where the bank told neither.
    """
    known = label_of(entry)
    if not entry.payer_iban and not words(entry.payer_name):
        raise UnusableRule("the bank told neither account nor name of the payer: write a rule with a text")
    return CompanyRule(
        label=label or (known.says if known else f"money {_way(entry)} {entry.payer_name or entry.payer_iban}"),
        effect=RuleEffect.SET_ASIDE,
        who=who,
        added_on=added_on,
        why=why,
        payer_account=account_key(entry.payer_iban),
        payer_name="" if entry.payer_iban else entry.payer_name,
        direction=Direction.IN if entry.amount.minor > 0 else Direction.OUT,
    )


def tried(rule: CompanyRule, entries: Iterable[StatementEntry], booked: Mapping[str, Sequence[Allocation]]) -> Trial:
    """Say which entries of history a rule would have matched, and which of them settled documents."""
    matched = sorted((e for e in entries if rule.matches(e)), key=lambda e: (e.booking_date, e.entry_id))
    settled = (e for e in matched if any(a.item_id for a in booked.get(e.entry_id, ())))
    return Trial(matched=tuple(matched), settled=tuple(settled))


def _way(entry: StatementEntry) -> str:
    return "from" if entry.amount.minor > 0 else "to"


def _check_range(minimum: Money | None, maximum: Money | None) -> None:
    if any(limit is not None and limit.minor < 0 for limit in (minimum, maximum)):
        raise UnusableRule("an amount of a rule has no sign: say the direction instead")
    if minimum is None or maximum is None:
        return
    if minimum.currency != maximum.currency:
        raise UnusableRule(f"{minimum} and {maximum} are two currencies: write two rules")
    if minimum > maximum:
        raise UnusableRule(f"nothing lies between {minimum} and {maximum}: exchange them")
