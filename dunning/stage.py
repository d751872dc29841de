"""The stage (Mahnstufe): one rung of the ladder, as data; the ladder must lead upwards, and TOML may describe it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from dunning.notice import Channel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rung: when it is reached, how it is said, and what it costs. Amounts are minor units of the item."""

    name: str
    titles: Mapping[str, str]  # language to title; German is always there
    days_overdue: int  # calendar days after the due date, shifted under § 193 BGB
    days_after_previous: int  # calendar days after the previous stage was sent
    channels: tuple[Channel, ...]  # the first one that reaches the debtor is used
    deadline_days: int  # Zahlungsfrist in calendar days; 0 sets none
    minimum_minor: int  # keep silent while less is open
    interest: bool  # show default interest (Verzugszinsen)
    fee_minor: int  # Mahngebühr, once a notice; only ever charged to a debtor already in default
    is_mahnung: bool  # demands payment clearly enough to start default (§ 286 Abs. 1 BGB)
    needs_release: bool  # a person releases every notice
    template: str  # name of the letter text

    def title(self, language: str) -> str:
        """Give the title in the debtor's language, else in English, else in German."""
        return self.titles.get(language) or self.titles.get("en") or self.titles["de"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentStage:
    """A stage that was really sent for one item: its place on the ladder and the clock of the next one."""

    stage: str  # name
    sent_on: date
    deadline: date | None  # what the notice granted
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How this office duns: its ``ladder``, lowest stage first, and the limits of the gate."""

    stages: tuple[Stage, ...]
    minimum_gap_days: int  # between two notices to the same debtor
    max_statement_age_bank_days: int  # how far statements may lag behind the last bank day before the run
    max_mirror_age_days: int  # how old the accounting tool's open items may be

    def stage(self, name: str) -> Stage | None:
        """Find a stage by name; None where an older procedure knew it and this one does not."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def position(self, name: str) -> int | None:
        """Give the place on the ladder, 0 for the lowest; None for a name this procedure does not know."""
        return next((n for n, stage in enumerate(self.stages) if stage.name == name), None)


def ladder(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Give the stages as a ladder; raise ValueError with every mistake where they are none."""
    rungs = tuple(stages)
    mistakes = list(ladder_mistakes(rungs))
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return rungs


def ladder_mistakes(stages: Sequence[Stage]) -> Iterator[str]:
    """Tell every reason why these stages, in this order, are no ladder."""
    if not stages:
        yield "the ladder has no stage; write at least one [[stage]]"
    names = [stage.name for stage in stages]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"stage {name}: the name is used {names.count(name)} times; a case would not know where it stands"
    for lower, higher in pairwise(stages):
        yield from _step_mistakes(lower, higher)
    for stage in stages:
        yield from _stage_mistakes(stage)


def _step_mistakes(lower: Stage, higher: Stage) -> Iterator[str]:
    if higher.days_overdue <= lower.days_overdue:
        yield (
            f"stage {higher.name}: days_overdue = {higher.days_overdue} is not later than "
            f"{lower.days_overdue} of {lower.name}; a ladder leads upwards"
        )
    if higher.days_after_previous < 1:
        yield f"stage {higher.name}: days_after_previous = 0 would send it on the same day as {lower.name}"
    if Channel.AGENCY in lower.channels:
        yield f"stage {higher.name}: nothing follows {lower.name}; after a hand-over only the agency speaks"


def _stage_mistakes(stage: Stage) -> Iterator[str]:
    if stage.days_overdue < 1:
        yield f"stage {stage.name}: days_overdue = 0 would dun on the due date itself; nobody is late yet"
    if "de" not in stage.titles:
        yield f"stage {stage.name}: titles lacks the German one; write titles = {{ de = … }}"
    if not stage.channels:
        yield f"stage {stage.name}: channels is empty; nobody could be reached"
    if Channel.AGENCY in stage.channels and not stage.needs_release:
        yield f"stage {stage.name}: a hand-over to the agency is a person's decision; write needs_release = true"
    if Channel.AGENCY in stage.channels and stage.is_mahnung:
        yield f"stage {stage.name}: a hand-over says nothing to the debtor; write is_mahnung = false"


def read_procedure(mapping: Mapping[str, object]) -> Procedure:
    """Read a procedure as TOML gives it; raise ValueError with every mistake, one a line."""
    mistakes: list[str] = []
    tables = mapping.get("stage", [])
    limits = _read_table({k: v for k, v in mapping.items() if k != "stage"}, _LIMITS, "procedure", mistakes)
    stages = _read_stages(tables, mistakes)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return Procedure(stages=tuple(stages), **limits)


def _read_stages(tables: object, mistakes: list[str]) -> list[Stage]:
    if not isinstance(tables, list):
        mistakes.append("procedure: stage must be a list of tables; write [[stage]]")
        return []
    stages = []
    for number, table in enumerate(tables, 1):
        before = len(mistakes)
        values = _read_table(table, _STAGE, _place(number, table), mistakes)
        if len(mistakes) == before:
            stages.append(Stage(**values))
    # An empty list of readable stages was already explained, unless there was nothing to read.
    if stages or not tables:
        mistakes.extend(ladder_mistakes(stages))
    return stages


def _place(number: int, table: object) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    return f"stage {name}" if isinstance(name, str) and name.strip() else f"stage number {number}"


def _read_table(
    table: object, readers: Mapping[str, Callable[[object], object]], place: str, mistakes: list[str]
) -> dict[str, Any]:
    if not isinstance(table, dict):
        mistakes.append(f"{place}: {table!r} is not a table")
        return {}
    mistakes.extend(
        f"{place}: {key} is not known here; known are {', '.join(readers)}" for key in table if key not in readers
    )
    values = {}
    for key, read in readers.items():
        if key not in table:
            mistakes.append(f"{place}: {key} is missing")
            continue
        try:
            values[key] = read(table[key])
        except ValueError as problem:
            mistakes.append(f"{place}: {key} = {table[key]!r}: {problem}")
    return values


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("write a whole number, zero or more")
    return value


def _yes_or_no(value: object) -> bool:
    match value:
        case bool():
            return value
        case _:
            raise ValueError("write true or false")


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("write a name in quotation marks")
    return value


def _channels(value: object) -> tuple[Channel, ...]:
    known = ", ".join(Channel)
    if not isinstance(value, list) or not value:
        raise ValueError(f"write a list of channels, the preferred one first; known are {known}")
    try:
        channels = tuple(Channel(_word(name)) for name in value)
    except ValueError:
        raise ValueError(f"one of these is no channel; known are {known}") from None
    if len(set(channels)) < len(channels):
        raise ValueError("name each channel once")
    return channels


def _titles(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value:
        raise ValueError('write a title for each language: { de = "1. Mahnung", en = "First reminder" }')
    return MappingProxyType({_word(language): _word(title) for language, title in value.items()})


_LIMITS: Final = MappingProxyType(
    {
        "minimum_gap_days": _whole_number,
        "max_statement_age_bank_days": _whole_number,
        "max_mirror_age_days": _whole_number,
    }
)
_STAGE: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "name": _word,
        "titles": _titles,
        "days_overdue": _whole_number,
        "days_after_previous": _whole_number,
        "channels": _channels,
        "deadline_days": _whole_number,
        "minimum_minor": _whole_number,
        "interest": _yes_or_no,
        "fee_minor": _whole_number,
        "is_mahnung": _yes_or_no,
        "needs_release": _yes_or_no,
        "template": _word,
    }
)
