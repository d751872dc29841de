"""Drift (Abweichung): whether tonight's payments look like those the promise was made for, asked before booking.

Each payment has looks: an unknown number of our kind, a known payer who names nothing, words nobody used before. How
often tonight and the last weeks show each look is compared with the months before by Fisher's exact test, one-sided
and with Bonferroni's correction: were the payments drawn from one urn, a night would give a false alarm at most once
in a thousand. Only looks that make matching harder are tested, and a difference too small to matter is none.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from math import exp, lgamma
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.text import fold
from reconciliation.outcome import EntryState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from ledger.statement import StatementEntry
    from reconciliation.certificate import Decided
    from reconciliation.outcome import Outcome

FALSE_ALARM: Final = 0.001  # most probable share of nights with an alarm and no cause
RECENT_DAYS: Final = 28
REFERENCE_DAYS: Final = 210  # the days before the recent ones
FEWEST_BEFORE: Final = 200  # payments to compare with; before, nothing can be said
FEWEST_TONIGHT: Final = 20
FEWEST_RECENT: Final = 50
USUAL_AFTER_DAYS: Final = 60  # a change that lasts so long is how payments are now
CONFIRMED_ENOUGH: Final = 30  # decisions of a person since, none of which says that we would have been wrong
TEXTS_REMEMBERED: Final = 2_000  # for what is a new word

_LEAST_DIFFERENCE: Final = 0.05  # of shares; less changes nothing, however certain it is
_FEWEST_TEXTS: Final = 200  # before, every word would be a new one
_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_TOKEN: Final = re.compile(r"[^\s,;:]+")
_DIGITS: Final = re.compile(r"\d{3}")
_DIGIT: Final = re.compile(r"\d")
_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_UNKNOWN: Final = "looks like a number of ours and is not known"
_QUOTED: Final = re.compile(r'"([^"]+)"')
_WINDOWS: Final = 2


class Look(StrEnum):
    """What makes a payment hard to match, or says that it is of a new kind."""

    UNKNOWN_NUMBER = "unknown_number"  # of our kind, and not known
    NAMES_NOTHING = "names_nothing"  # a payer we know, and no document
    HALF_NAMED = "half_named"  # a document is named by a part of its number, or by an order
    STRANGER = "stranger"
    NO_AMOUNT = "no_amount"  # nothing is open in this amount
    OTHER_MONEY = "other_money"  # perhaps no payment of a debtor at all
    NEW_WORDS = "new_words"
    NEW_FORM = "new_form"  # of a number


_SAYS: Final[Mapping[Look, str]] = {
    Look.UNKNOWN_NUMBER: "name a number that looks like one of ours and is not known",
    Look.NAMES_NOTHING: "come from a payer we know and name no document",
    Look.HALF_NAMED: "name a document by a part of its number or by an order",
    Look.STRANGER: "come from somebody we do not know",
    Look.NO_AMOUNT: "have an amount that fits nothing exactly",
    Look.OTHER_MONEY: "look like money that is not ours to match",
    Look.NEW_WORDS: "have mostly words that nobody wrote before",
    Look.NEW_FORM: "carry numbers of a form that nobody wrote before",
}
_ABOUT_TEXT: Final = frozenset({Look.NEW_WORDS, Look.NEW_FORM})
_PAYMENTS, _TEXTS = "payments", "texts"
_WHOLLY: Final = frozenset({"named: structured", "named: number", "named: listed"})
_STRANGE: Final = frozenset({"payer: unknown", "payer: other", "payer: customer_number"})
_EXACT: Final = frozenset({"amount: exact", "amount: skonto"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How many payments there were, and how many of them had which look."""

    payments: int = 0
    texts: int = 0  # payments whose words could be compared with earlier ones
    looks: Mapping[Look, int] = field(default_factory=dict)

    def __add__(self, other: Mix) -> Mix:
        """Count two nights together."""
        looks = Counter(self.looks) + Counter(other.looks)
        return Mix(payments=self.payments + other.payments, texts=self.texts + other.texts, looks=dict(looks))

    def of(self, look: Look) -> int:
        """Count the payments that could have had a look."""
        return self.texts if look in _ABOUT_TEXT else self.payments

    def counted(self) -> dict[str, int]:
        """Give everything by name, to be stored."""
        return {_PAYMENTS: self.payments, _TEXTS: self.texts, **{look.value: n for look, n in self.looks.items()}}

    @classmethod
    def of_counted(cls, counted: Mapping[str, int]) -> Mix:
        """Read back what was stored."""
        looks = {Look(name): n for name, n in counted.items() if name not in {_PAYMENTS, _TEXTS}}
        return cls(payments=counted.get(_PAYMENTS, 0), texts=counted.get(_TEXTS, 0), looks=looks)


class Shift(NamedTuple):
    """A look that is more frequent than before, beyond chance."""

    look: Look
    having: int
    of: int
    having_before: int
    of_before: int

    def told(self, unknown: Sequence[str] = ()) -> str:
        """Say what changed, in words; with the beginning of the unknown numbers where they share one."""
        before = f"{self.having_before:,} of {self.of_before:,}"
        said = f"{self.having:,} of {self.of:,} payments {_SAYS[self.look]} (before: {before})"
        return said + (common_beginning(unknown) if self.look is Look.UNKNOWN_NUMBER else "")


class Vocabulary:
    """The words and the forms of numbers in earlier texts."""

    def __init__(self, texts: Iterable[str]) -> None:
        every = list(texts)
        self.is_enough = len(every) >= _FEWEST_TEXTS
        self._words = frozenset(chain.from_iterable(map(_words, every)))
        self._forms = frozenset(chain.from_iterable(map(_forms, every)))

    def looks_of(self, text: str) -> frozenset[Look]:
        """Say what is new in a text."""
        found, forms = _words(text), _forms(text)
        looks = set()
        if found and 2 * len(found - self._words) > len(found):
            looks.add(Look.NEW_WORDS)
        if forms - self._forms:
            looks.add(Look.NEW_FORM)
        return frozenset(looks)


def mix_of(outcomes: Iterable[Outcome], entries: Mapping[str, StatementEntry], known: Vocabulary) -> Mix:
    """Count the looks of payments that came in; what is not about receivables is left out."""
    looks: Counter[Look] = Counter()
    payments = 0
    for outcome in outcomes:
        entry = entries[outcome.entry_id]
        if entry.amount.minor > 0 and outcome.state is not EntryState.IGNORED:
            payments += 1
            looks.update(looks_of(outcome))
            if known.is_enough:
                looks.update(known.looks_of(entry.remittance))
    return Mix(payments=payments, texts=payments if known.is_enough else 0, looks=dict(looks))


def looks_of(outcome: Outcome) -> frozenset[Look]:
    """Say what is hard about a payment, by the arguments of its best proposal."""
    said = {weight.argument for weight in outcome.proposals[0].weights} if outcome.proposals else frozenset[str]()
    stranger = not said or bool(said & _STRANGE)
    looks = {
        Look.UNKNOWN_NUMBER: bool(unknown_numbers(outcome)),
        Look.NAMES_NOTHING: not stranger and "named: none" in said,
        Look.HALF_NAMED: bool(said) and not said & _WHOLLY and "named: none" not in said,
        Look.STRANGER: stranger,
        Look.NO_AMOUNT: not said & _EXACT,
        Look.OTHER_MONEY: "left out: looks like other money" in said,
    }
    return frozenset(look for look, has in looks.items() if has)


def unknown_numbers(outcome: Outcome) -> list[str]:
    """Give the numbers of our kind that an outcome says are not known."""
    return [number for reason in outcome.reasons if _UNKNOWN in reason for number in _QUOTED.findall(reason)]


def shifts(tonight: Mix, recent: Mix, before: Mix) -> tuple[Shift, ...]:
    """Give every look that became more frequent, tonight or in the last weeks (tonight included)."""
    if before.payments < FEWEST_BEFORE:
        return ()
    found: dict[Look, Shift] = {}
    for now, fewest in ((recent, FEWEST_RECENT), (tonight, FEWEST_TONIGHT)):
        for look in Look:
            shift = Shift(look, now.looks.get(look, 0), now.of(look), before.looks.get(look, 0), before.of(look))
            if shift.of >= fewest and _is_more(shift):
                found[look] = shift
    return tuple(found.values())


def over_because(
    noticed_on: date, today: date, found: Sequence[Shift], recent: Mix, since: Iterable[Decided]
) -> tuple[str, bool]:
    """Say why a drift is over, and whether what was noticed is the usual from now on; an empty reason while it lasts.

    ``since`` are the decisions of people since then, as far as probability alone could have booked the payment; it is
    a sign of safety only where none of them was other than proposed.
    """
    decided = list(since)
    if len(decided) >= CONFIRMED_ENOUGH and all(one.is_right for one in decided):
        return f"people decided {len(decided)} such payments since, all of them as they were proposed", True
    if (today - noticed_on).days >= USUAL_AFTER_DAYS:
        return f"payments have looked like this for {USUAL_AFTER_DAYS} days", True
    if not found and recent.payments >= FEWEST_RECENT:
        return "payments look again as they did before", False
    return "", False


def common_beginning(numbers: Sequence[str]) -> str:
    """Say how most of some numbers begin, where they begin alike: (11 of them begin with "2027-")."""
    beginnings = Counter(beginning for number in numbers if (beginning := _beginning(number)))
    if not beginnings:
        return ""
    beginning, count = min(beginnings.items(), key=lambda one: (-one[1], one[0]))
    return f'; {count} of {len(numbers)} numbers begin with "{beginning}…"' if 2 * count > len(numbers) > 1 else ""


def _beginning(number: str) -> str:
    """Give a number up to where its running part begins: its last group of digits, or all but three digits."""
    runs = list(_RUN.finditer(number))
    if len(runs) > 1:
        return number[: runs[-1].start()]
    return number[:-3] if len(number) > 4 else ""


def _is_more(shift: Shift) -> bool:
    if not shift.of or not shift.of_before:
        return False
    if shift.having / shift.of < shift.having_before / shift.of_before + _LEAST_DIFFERENCE:
        return False
    return _by_chance(shift) < FALSE_ALARM / (_WINDOWS * len(Look))


def _by_chance(shift: Shift) -> float:
    """Give the probability of so many or more with a look, were all payments shuffled (Fisher, 1935)."""
    whole, having = shift.of + shift.of_before, shift.having + shift.having_before
    ways = _log_choose(whole, shift.of)
    most = min(having, shift.of)
    return sum(
        exp(_log_choose(having, k) + _log_choose(whole - having, shift.of - k) - ways)
        for k in range(shift.having, most + 1)
        if shift.of - k <= whole - having
    )


def _log_choose(of: int, some: int) -> float:
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(fold(text)))


def _forms(text: str) -> frozenset[str]:
    """Give the forms of numbers in a text: letters as they stand, each digit as 9, what joins them as it is."""
    return frozenset(_DIGIT.sub("9", token) for token in _TOKEN.findall(fold(text)) if _DIGITS.search(token))
