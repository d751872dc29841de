"""The track (Mahnweg): who is dunned on which ladder, and why; a long-standing customer hears other words, later."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dunning.toml_table import read_table, whole_number, word, words, yes_or_no
from ledger.debtor import DebtorType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from dunning.stage import Stage
    from dunning.toml_table import Readers
    from ledger.debtor import Debtor
    from ledger.open_item import OpenItem

STANDARD: Final = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A ladder of its own for a kind of debtor, lowest stage first."""

    name: str
    for_whom: str  # as explanations say it: "long-standing customers"
    stages: tuple[Stage, ...]
    minimum_gap_days: int  # between two notices to the same debtor

    def stage(self, name: str) -> Stage | None:
        """Find a stage of this ladder by name; None where the ladder leaves it out."""
        return next((stage for stage in self.stages if stage.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How we stand with a debtor (Geschäftsbeziehung), as far as our own books know it."""

    since: date | None = None  # the date of the oldest document
    turnover_of_a_year_minor: int = 0  # invoices less credit notes of the last 365 days, in their main currency
    reminders_of_a_year: int = 0  # notices of the last 365 days that were a Mahnung


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A reason to put an item on a track: everything that is named must hold, of each list one entry is enough."""

    track: str
    because: str  # the reason in words
    documents: frozenset[str] = frozenset()  # document numbers
    customers: frozenset[str] = frozenset()  # debtor numbers
    groups: frozenset[str] = frozenset()  # customer groups of the configuration
    debtor_types: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()  # ISO 3166-1 alpha-2
    abroad: bool = False  # the debtor is in another country than the creditor
    direct_debit: bool = False  # we collect the item ourselves
    customer_for_years: int = 0
    turnover_of_a_year_minor: int = 0  # at least
    reminders_of_a_year: int | None = None  # at most

    @property
    def specificity(self) -> int:
        """How narrow the choice is: a document is narrower than a customer, a customer than a group, and so on."""
        narrow = (self.documents, self.customers, self.groups)
        return next((len(narrow) - place for place, named in enumerate(narrow) if named), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """Everything tracks are chosen by. ``own`` is the company's wish, which goes before the house's ``choices``."""

    own: tuple[Choice, ...] = ()
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)  # debtor number to customer groups
    country: str = "DE"  # of the creditor


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The track of an item, and why it is this one."""

    track: Track
    because: str


def chosen_track(
    item: OpenItem,
    debtor: Debtor,
    relation: Relation,
    tracks: Mapping[str, Track],
    choices: Sequence[Choice],
    choosing: Choosing,
    day: date,
) -> Chosen:
    """Choose the track of an item: the first choice that holds, the narrowest first; else the standard one."""
    for choice in choices:
        if _holds(choice, item, debtor, relation, choosing, day):
            return Chosen(track=tracks[choice.track], because=choice.because)
    return Chosen(track=tracks[STANDARD], because="nothing else was chosen")


def narrowest_first(own: Sequence[Choice], house: Sequence[Choice]) -> tuple[Choice, ...]:
    """Put the choices in the order in which they are asked; among equally narrow ones that of the file counts."""
    return (*sorted(own, key=lambda one: -one.specificity), *sorted(house, key=lambda one: -one.specificity))


def _holds(choice: Choice, item: OpenItem, debtor: Debtor, relation: Relation, choosing: Choosing, day: date) -> bool:
    return (
        (not choice.documents or item.document_number in choice.documents)
        and (not choice.customers or debtor.number in choice.customers)
        and (not choice.groups or not choice.groups.isdisjoint(choosing.groups.get(debtor.number, ())))
        and (not choice.debtor_types or debtor.type.value in choice.debtor_types)
        and (not choice.countries or debtor.country in choice.countries)
        and (not choice.abroad or debtor.country not in {"", choosing.country})  # unknown is not abroad
        and (not choice.direct_debit or bool(item.end_to_end_id))
        and (not choice.customer_for_years or _years(relation.since, day) >= choice.customer_for_years)
        and relation.turnover_of_a_year_minor >= choice.turnover_of_a_year_minor
        and (choice.reminders_of_a_year is None or relation.reminders_of_a_year <= choice.reminders_of_a_year)
    )


def _years(since: date | None, day: date) -> int:
    if since is None:
        return 0
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def read_track(
    table: object, catalogue: Mapping[str, Stage], readers: Readers, number: int, mistakes: list[str]
) -> Track | None:
    """Read a track; each of its steps is a stage of the ``catalogue``, and says what is different there."""
    name = table.get("name") if isinstance(table, dict) else None
    place = f"track {name}" if isinstance(name, str) and name.strip() else f"track number {number}"
    before = len(mistakes)
    values = read_table(table, _TRACK, place, mistakes)
    steps = [_read_step(step, catalogue, readers, place, mistakes) for step in values.pop("steps", ())]
    released = values.pop("released_by_person", False)
    if len(mistakes) > before:
        return None
    stages = tuple(replace(step, needs_release=released or step.needs_release) for step in steps if step)
    return Track(stages=stages, **values)


def _read_step(
    step: object, catalogue: Mapping[str, Stage], readers: Readers, place: str, mistakes: list[str]
) -> Stage | None:
    name = step.get("stage") if isinstance(step, dict) else None
    values = read_table(step, {"stage": word, **readers}, f"{place}: step {name}", mistakes, optional=readers)
    stage = catalogue.get(values.pop("stage", ""))
    if stage is None:
        mistakes.append(f"{place}: step {name}: there is no such stage; there is {', '.join(catalogue)}")
        return None
    return replace(stage, **values)


def read_choice(table: object, number: int, mistakes: list[str]) -> Choice | None:
    """Read a choice of the house; raises nothing, mistakes are collected."""
    before = len(mistakes)
    values = read_table(table, CHOICE, f"choice number {number}", mistakes, optional=set(CHOICE) - _GIVEN)
    if len(mistakes) == before and values.keys() <= _GIVEN:
        mistakes.append(f"choice number {number}: it names no condition, so everybody would be meant")
    return Choice(**values) if len(mistakes) == before else None


def _steps(value: object) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise ValueError('write a list of steps: [{ stage = "reminder", days_overdue = 7 }]')
    return value


def _debtor_types(value: object) -> frozenset[str]:
    named = words(value)
    if unknown := named - {kind.value for kind in DebtorType}:
        raise ValueError(f"{', '.join(sorted(unknown))} is no type; known are {', '.join(DebtorType)}")
    return named


_GIVEN: Final = frozenset({"track", "because"})
_TRACK: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "name": word,
        "for_whom": word,
        "minimum_gap_days": whole_number,
        "released_by_person": yes_or_no,
        "steps": _steps,
    }
)
CHOICE: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "track": word,
        "because": word,
        "documents": words,
        "customers": words,
        "groups": words,
        "debtor_types": _debtor_types,
        "countries": words,
        "abroad": yes_or_no,
        "direct_debit": yes_or_no,
        "customer_for_years": whole_number,
        "turnover_of_a_year_minor": whole_number,
        "reminders_of_a_year": whole_number,
    }
)
