"""The back-test (Rückrechnung) of one company: its history from storage, and what changed rules make of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config.settings import MatchingSettings
from ledger.money import Money
from ledger.statement import EntryStatus
from night.own_model import deciding
from night.reconcile import load_match_facts
from reconciliation.backtest import Change, History, PastItem, RuleSet, Verdict, backtest
from reconciliation.certificate import CONFIDENCE, Certificate
from reconciliation.interpretation import principal
from storage.facts import load_items
from storage.matches import load_all_booked, reversed_with_files
from storage.own_models import load_own_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from config.settings import Company
    from ledger.allocation import Allocation
    from night.workplace import Progress
    from reconciliation.backtest import Compared, Played
    from reconciliation.model import Model
    from reconciliation.outcome import PastPayment
    from storage.database import Connection
    from storage.facts import StoredItem

# Asked as of this day, nothing of the past is too old to be remembered.
_BEFORE_EVERYTHING: Final = date(1900, 1, 1)
_CERTAIN: Final = 1.0


class UnusableChange(ValueError):
    """What is to be tried could not stand in the configuration; the message names every mistake."""


def rules_of(connection: Connection, company: Company) -> RuleSet:
    """Give the rules a company's nights follow now."""
    return RuleSet(settings=company.matching.for_engine(), model=deciding(load_own_model(connection, company.id)))


def changed_settings(company: Company, wanted: Mapping[str, str]) -> MatchingSettings:
    """Give [company.matching] with some keys written otherwise, checked as the file is. Raises UnusableChange."""
    try:
        return MatchingSettings.model_validate({**company.matching.model_dump(), **wanted})
    except ValidationError as error:
        known = ", ".join(MatchingSettings.model_fields)
        raise UnusableChange(
            "\n".join(
                f"{'.'.join(map(str, one['loc']))}: "
                + (
                    f"this key is not known; there is {known}"
                    if one["type"] == "extra_forbidden"
                    else one["msg"].replace("Input should", f"{one['input']!r} should", 1)
                )
                for one in error.errors()
            )
        ) from None


def changed_rules(
    as_it_is: RuleSet,
    company: Company,
    wanted: Mapping[str, str],
    threshold: float | None,
    *,
    without_certificate: bool,
    today: date,
) -> RuleSet:
    """Give the rules that are to be tried. Raises UnusableChange for what could not be switched on."""
    model = as_it_is.model
    settings = changed_settings(company, wanted).for_engine()
    if without_certificate:
        return RuleSet(settings=settings, model=replace(model, certificate=None))
    if threshold is None:
        return RuleSet(settings=settings, model=model)
    least = settings.auto_minimum_probability
    if not least <= threshold <= _CERTAIN:
        raise UnusableChange(
            f"threshold {threshold:g}: it must lie between auto_minimum_probability, which is {least:g}, and 1; "
            f"to try a lower one, add --set auto_minimum_probability={threshold:g}"
        )
    return RuleSet(settings=settings, model=_with_threshold(model, threshold, today))


def _with_threshold(model: Model, threshold: float, today: date) -> Model:
    """Let a probability book without a promise: no payment was counted, so any share of errors is possible."""
    tried = Certificate(
        threshold=threshold,
        target=_CERTAIN,
        confidence=CONFIDENCE,
        accepted=0,
        errors=0,
        bound=_CERTAIN,
        issued_on=today,
        sample="tried, not certified",
    )
    return replace(model, certificate=tried)


def load_history(connection: Connection, company: Company) -> History:
    """Read everything that was ever booked by the banks and in the books of one company."""
    facts = load_match_facts(connection, company.id, _BEFORE_EVERYTHING)
    return History(
        entries=tuple(entry for entry in facts.entries.values() if entry.status is EntryStatus.BOOKED),
        items=tuple(_past_items(load_items(connection, company.id), facts.past)),
        debtors=facts.debtors,
        standing=facts.past,
        undone=_undone(connection, company.id),
        set_aside=facts.set_aside.keys(),
        rules=facts.rules,
        own_accounts=frozenset(company.own_accounts),
        own_names=frozenset({company.name}),
    )


def _past_items(stored: Iterable[StoredItem], standing: Iterable[PastPayment]) -> Iterable[PastItem]:
    """Give each item with what was open before our bookings: what is open now, and what they took.

    Where the tool took an item off its list and our bookings do not explain it, somebody settled it otherwise: then
    all of it is taken as open as long as it was listed.
    """
    settled: Counter[str] = Counter()
    for payment in standing:
        settled.update(principal(payment.allocations))
    for one in stored:
        item = one.item
        ours = settled[item.item_id] if item.is_invoice else -settled[item.item_id]
        gone = not one.in_open_set and item.open_amount.minor <= 0
        first = max(item.amount.minor, ours) if gone else item.open_amount.minor + ours
        yield PastItem(
            item=replace(item, open_amount=Money(first, item.currency)),
            vanished_after=one.last_seen_on if gone and first > ours else None,
        )


def _undone(connection: Connection, company_id: str) -> dict[str, list[list[Allocation]]]:
    """Give the bookings that persons took back; what went with a file that was taken back nobody doubted."""
    every = load_all_booked(connection, company_id)
    with_file = reversed_with_files(connection, company_id)
    taken_back = {b.reverses for b in every if b.reverses and b.seq > with_file.get(b.entry_id, 0)}
    of_decision: defaultdict[tuple[str, int], list[Allocation]] = defaultdict(list)
    for b in every:
        if b.allocation_id in taken_back:
            of_decision[b.entry_id, b.seq].append(b.allocation)
    undone: defaultdict[str, list[list[Allocation]]] = defaultdict(list)
    for (entry_id, _), allocations in of_decision.items():
        undone[entry_id].append(allocations)
    return dict(undone)


def backtest_company(
    connection: Connection,
    company: Company,
    changed: RuleSet,
    *,
    since: date | None,
    days_per_night: int,
    progress: Progress,
) -> dict[str, Any]:
    """Play a company's history under its rules and under changed ones; give what differs, for people and machines."""
    history = load_history(connection, company)
    as_it_is = rules_of(connection, company)
    compared = backtest(
        history,
        as_it_is=as_it_is,
        changed=changed,
        since=since,
        days_per_night=days_per_night,
        progress=lambda done, total: progress("nights", done, total),
    )
    lists = {
        change: sorted((one for one in compared if one.change is change), key=lambda one: not one.is_new)
        for change in Change
    }
    return {
        "company": company.id,
        "entries": len(compared),
        "first_day": compared[0].entry.booking_date.isoformat() if compared else "",
        "last_day": compared[-1].entry.booking_date.isoformat() if compared else "",
        "days_per_night": days_per_night,
        "settled_otherwise": sum(1 for past in history.items if past.vanished_after),
        "tried": _tried(as_it_is, changed),
        "as_it_is": _verdicts((one, one.before) for one in compared),
        "changed": _verdicts((one, one.after) for one in compared),
        "newly_wrong": sum(1 for one in lists[Change.WRONG] if one.is_new),
        "by_class": _by_class(lists),
        **{change.value: [_told(one) for one in found] for change, found in lists.items()},
    }


def _tried(as_it_is: RuleSet, changed: RuleSet) -> dict[str, dict[str, Any]]:
    """Name what differs between two sets of rules."""
    pairs = {
        name: (getattr(as_it_is.settings, name), getattr(changed.settings, name))
        for name in MatchingSettings.model_fields
    }
    pairs["model"] = (as_it_is.model.name, changed.model.name)
    pairs["threshold"] = (_threshold(as_it_is.model), _threshold(changed.model))
    return {name: {"is": is_now, "tried": tried} for name, (is_now, tried) in pairs.items() if is_now != tried}


def _threshold(model: Model) -> float | None:
    return model.certificate.threshold if model.certificate else None


def _verdicts(played: Iterable[tuple[Compared, Played]]) -> dict[str, dict[str, Any]]:
    found: defaultdict[Verdict, list[Compared]] = defaultdict(list)
    for one, outcome in played:
        found[outcome.verdict].append(one)
    return {verdict.value: _counted(found[verdict]) for verdict in Verdict}


def _by_class(lists: Mapping[Change, Sequence[Compared]]) -> dict[str, dict[str, dict[str, Any]]]:
    """Count each kind of change by the class of evidence that books, or would no longer book."""
    found: defaultdict[str, defaultdict[Change, list[Compared]]] = defaultdict(lambda: defaultdict(list))
    for change, compared in lists.items():
        for one in compared:
            found[one.evidence_class][change].append(one)
    return {
        name: {change.value: _counted(found[name][change]) for change in Change if found[name][change]}
        for name in sorted(found)
    }


def _counted(compared: Sequence[Compared]) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    for one in compared:
        sums[one.entry.amount.currency] += abs(one.entry.amount.minor)
    return {"entries": len(compared), "minor": dict(sorted(sums.items()))}


def _told(one: Compared) -> dict[str, Any]:
    entry = one.entry
    return {
        "entry_id": entry.entry_id,
        "booked_on": entry.booking_date.isoformat(),
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "payer": entry.payer_name or entry.payer_iban,
        "text": entry.remittance,
        "is_new": one.is_new,
        "evidence_class": one.evidence_class,
        "stands": None if one.stands is None else _lines(one.stands),
        "taken_back": [_lines(booking) for booking in one.taken_back],
        "as_it_is": _played(one.before),
        "changed": _played(one.after),
    }


def _played(played: Played) -> dict[str, Any]:
    return {
        "verdict": played.verdict.value,
        "books": _lines(played.allocations),
        "evidence_class": played.evidence_class,
        "reasons": list(played.reasons),
    }


def _lines(allocations: Iterable[Allocation]) -> list[str]:
    return [f"{a.document_number or a.debtor_number} {a.kind.value} {a.amount}" for a in allocations]
