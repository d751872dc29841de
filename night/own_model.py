"""Who decides tonight (Entscheidungsmodell): the shipped model or the company's own, and what holds either back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from heapq import nlargest, nsmallest
from typing import TYPE_CHECKING, Final

from reconciliation.adaptation import LABELS_NEEDED, adapted, certified, judged
from reconciliation.audit_draw import Audited, Verdict, is_drawn, verdict
from reconciliation.classes import CERTIFIED
from reconciliation.drift import (
    CONFIRMED_ENOUGH,
    RECENT_DAYS,
    REFERENCE_DAYS,
    TEXTS_REMEMBERED,
    USUAL_AFTER_DAYS,
    Mix,
    Vocabulary,
    mix_of,
    over_because,
    shifts,
    unknown_numbers,
)
from reconciliation.learned_weights import SHIPPED
from storage.audit_draws import Draw, DrawState, keep_draws, load_draws
from storage.decisions import head
from storage.drifts import add_mix, end_drift, load_drifts, load_mixes, notice_drift, seen_before
from storage.labels import count_confirmed, load_labelled
from storage.own_models import OwnModel, add_model, load_own_model, load_reset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ledger.statement import StatementEntry
    from night.workplace import Workplace
    from reconciliation.certificate import Decided
    from reconciliation.model import Model
    from reconciliation.outcome import Outcome
    from reconciliation.settings import MatchSettings
    from storage.database import Connection
    from storage.decisions import Author
    from storage.drifts import StoredDrift

NEW_DECISIONS: Final = 200  # of people since the last adaptation; fewer teach nothing
ADAPTED_EVERY: Final = timedelta(days=30)
AUDITS_COUNT_FOR: Final = timedelta(days=365)

_NAME: Final = "learned from this company's decisions"
_LOOKED_AT: Final = 5_000  # payments of a night whose looks are counted: more say the same again


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """The model of tonight, and why nothing is booked by its probability alone, where that is so."""

    model: Model
    settings: MatchSettings
    held_back: tuple[str, ...] = ()
    has_looked: bool = False  # at tonight's payments, whether they are what they were

    @property
    def for_engine(self) -> MatchSettings:
        """The settings under which the engine decides."""
        return replace(self.settings, book_by_certificate=False) if self.held_back else self.settings


def decider_of(work: Workplace, connection: Connection) -> Decider:
    """Adapt the model if it is time, and say which one decides tonight."""
    adapt_if_due(connection, work.company_id, work.author)
    own = load_own_model(connection, work.company_id)
    model = deciding(own)
    broken = audit_says(connection, work.company_id, work.run_date, own)
    return Decider(model=model, settings=work.company.matching.for_engine(), held_back=(broken,) if broken else ())


def deciding(own: OwnModel | None) -> Model:
    """Give the company's own model where its last adaptation has a certificate, else the shipped one."""
    return own.model if own is not None and own.model.certificate is not None else SHIPPED


def adapt_if_due(connection: Connection, company_id: str, author: Author) -> OwnModel | None:
    """Adapt at most once a month, with enough new decisions.

    After a person went back to the shipped model only a person adapts anew.
    """
    last = load_own_model(connection, company_id)
    if last is None and load_reset(connection, company_id) is not None:
        return None
    if last is not None and author.run_date - last.adapted_on < ADAPTED_EVERY:
        return None
    enough = NEW_DECISIONS if last is not None else LABELS_NEEDED
    if count_confirmed(connection, company_id, after_seq=last.labels_seq if last else 0) < enough:
        return None
    return adapt(connection, company_id, author)


def adapt(connection: Connection, company_id: str, author: Author) -> OwnModel | None:
    """Learn weights from what people decided, and certify them on the decisions kept apart; None if too few."""
    labelled = load_labelled(connection, company_id)
    model = adapted(labelled, SHIPPED, name=_NAME)
    if model is None:
        return None
    assert SHIPPED.certificate is not None, "the shipped model has a certificate"
    certificate = certified(labelled, model, target=SHIPPED.certificate.target, issued_on=author.run_date)
    add_model(
        connection,
        company_id,
        author,
        replace(model, certificate=certificate),
        labels=len(labelled),
        labels_seq=head(connection, company_id).seq,
    )
    return load_own_model(connection, company_id)


def audit_says(connection: Connection, company_id: str, run_date: date, own: OwnModel | None) -> str:
    """Say why the audit forbids to book by probability alone; nothing where it does not."""
    certificate = deciding(own).certificate
    assert certificate is not None, "whatever decides has a certificate"
    draws = load_draws(connection, company_id, since=audits_since(run_date, own))
    for what, some in (
        ("bookings by probability alone", [d for d in draws if d.evidence_class == CERTIFIED]),
        ("automatic bookings", draws),
    ):
        found = audited(some)
        if verdict(found, certificate.target) is Verdict.BROKEN:
            return (
                f"the audit found {found.wrong} of {found.audited} {what} wrong: up to {found.bound:.2%} may be, and "
                f"{certificate.target:.2%} are promised. This ends with a new certificate, or when these results are "
                "a year old"
            )
    return ""


def audits_since(run_date: date, own: OwnModel | None) -> date:
    """Give the day from which draws count: those of a year, made since the model that decides was certified."""
    year = run_date - AUDITS_COUNT_FOR
    return max(year, own.adapted_on) if own is not None and own.model.certificate is not None else year


def audited(draws: Iterable[Draw]) -> Audited:
    """Count the draws that a person has answered."""
    states = [draw.state for draw in draws]
    wrong = states.count(DrawState.WRONG)
    return Audited(audited=wrong + states.count(DrawState.RIGHT), wrong=wrong)


def look(
    work: Workplace,
    connection: Connection,
    decider: Decider,
    found: Collection[Outcome],
    entries: Mapping[str, StatementEntry],
) -> Decider:
    """Compare tonight's payments with earlier ones before anything is booked, and hold back where they differ."""
    new = _seen_first(connection, work.company_id, found)
    mix = mix_of(new, entries, _vocabulary(entries, {outcome.entry_id for outcome in new}))
    add_mix(connection, work.company_id, work.run_date, mix)
    looked = replace(decider, has_looked=True)
    if not decider.settings.book_by_certificate:
        return looked
    drifts = load_drifts(connection, work.company_id)
    standing = drifts[-1] if drifts and drifts[-1].ended_on is None else None
    tonight, recent, before = windows(connection, work.company_id, work.run_date, drifts)
    changed = shifts(tonight, recent, before)
    if standing is not None:
        since = _decided_since(connection, work.company_id, standing, decider.model)
        why, is_usual = over_because(standing.noticed_on, work.run_date, changed, recent, since)
        if why:
            end_drift(connection, work.company_id, work.author, standing.drift_id, why, is_usual_now=is_usual)
            return looked
        return _held(looked, standing.noticed_on, standing.causes)
    if not changed:
        return looked
    numbers = [number for outcome in new for number in unknown_numbers(outcome)]
    causes = tuple(shift.told(numbers) for shift in changed)
    notice_drift(connection, work.company_id, work.author, causes)
    return _held(looked, work.run_date, causes)


def windows(
    connection: Connection, company_id: str, run_date: date, drifts: Sequence[StoredDrift]
) -> tuple[Mix, Mix, Mix]:
    """Give the mix of this day, of the last weeks, and of the months before; since the last change that stayed."""
    usual_since = max((d.noticed_on for d in drifts if d.is_usual_now), default=date.min)
    first_recent = run_date - timedelta(days=RECENT_DAYS - 1)
    end = min([first_recent, *(d.noticed_on for d in drifts if d.ended_on is None)])
    mixes = load_mixes(connection, company_id, since=run_date - timedelta(days=RECENT_DAYS + REFERENCE_DAYS))
    kept = {day: mix for day, mix in mixes.items() if usual_since <= day <= run_date}
    return (
        kept.get(run_date, Mix()),
        sum((mix for day, mix in kept.items() if day >= first_recent), Mix()),
        sum((mix for day, mix in kept.items() if day < end), Mix()),
    )


def draw(work: Workplace, connection: Connection, found: Iterable[Outcome], booked: Mapping[str, int]) -> None:
    """Draw some of what was booked just now for audit, in the transaction that booked it."""
    drawn = {
        outcome.entry_id: (booked[outcome.entry_id], outcome.proposals[0].evidence_class if outcome.proposals else "")
        for outcome in found
        if outcome.entry_id in booked and is_drawn(work.company_id, outcome.entry_id, work.run_date)
    }
    keep_draws(connection, work.company_id, work.author, drawn)


def audits_waiting(connection: Connection, company_id: str) -> int:
    """Count the drawn bookings that nobody has looked at yet."""
    return len(load_draws(connection, company_id, DrawState.WAITING))


def _seen_first(connection: Connection, company_id: str, found: Collection[Outcome]) -> list[Outcome]:
    """Give the outcomes of entries that no earlier night has thought about; of very many, some by their identity."""
    seen = seen_before(connection, company_id, [outcome.entry_id for outcome in found])
    new = (outcome for outcome in found if outcome.entry_id not in seen)
    return nsmallest(_LOOKED_AT, new, key=lambda outcome: outcome.entry_id)


def _vocabulary(entries: Mapping[str, StatementEntry], new: set[str]) -> Vocabulary:
    earlier = (entry for entry_id, entry in entries.items() if entry_id not in new and entry.amount.minor > 0)
    latest = nlargest(TEXTS_REMEMBERED, earlier, key=lambda entry: (entry.booking_date, entry.entry_id))
    return Vocabulary(entry.remittance for entry in latest)


def _decided_since(connection: Connection, company_id: str, standing: StoredDrift, model: Model) -> list[Decided]:
    """Give what people decided since a drift was noticed and the model would have booked by itself."""
    assert model.certificate is not None, "whatever decides has a certificate"
    decided = judged(load_labelled(connection, company_id, after_seq=standing.seq), model)
    return [one for one in decided if one.probability >= model.certificate.threshold]


def _held(decider: Decider, noticed_on: date, causes: Sequence[str]) -> Decider:
    told = (
        f"payments are not what they were, since {noticed_on}: {'; '.join(causes)}. This ends when people have "
        f"decided {CONFIRMED_ENOUGH} payments that we were sure of, all as proposed; when payments look again as "
        f"before; or after {USUAL_AFTER_DAYS} days"
    )
    return replace(decider, held_back=(*decider.held_back, told))
