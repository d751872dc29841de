"""The stage (Mahnstufe): one rung of the ladder, as data; the ladder must lead upwards, and TOML may describe it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dunning.notice import Channel
from dunning.toml_table import read_table, whole_number, word, yes_or_no
from dunning.track import STANDARD, Track, read_choice, read_track

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from dunning.receipt import Receipt
    from dunning.track import Choice

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class LetterPer(StrEnum):
    """What one letter is about; the hand-over is always one for each debtor."""

    DEBTOR = "debtor"  # everything that is due, and the highest stage sets the tone
    STAGE = "stage"  # one letter for each stage
    ITEM = "item"  # one letter for each item


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rung: when it is reached, how it is said, and what it costs. Amounts are minor units of the item."""

    name: str
    titles: Mapping[str, str]  # language to title; German is always there
    days_overdue: int  # days after the due date, shifted under § 193 BGB
    days_after_previous: int  # days after the previous stage was sent
    count_working_days: bool  # both are working days (Werktage without Saturdays), else calendar days
    weekdays: frozenset[int]  # the stage is only said on these, 0 for Monday; never on a public holiday
    channels: tuple[Channel, ...]  # the first one that reaches the debtor is used
    deadline_days: int  # Zahlungsfrist in calendar days; 0 sets none
    minimum_minor: int  # keep silent while less is open
    interest: bool  # show default interest (Verzugszinsen)
    fee_minor: int  # Mahngebühr, once a notice; only ever charged to a debtor already in default
    is_mahnung: bool  # demands payment clearly enough to start default (§ 286 Abs. 1 BGB)
    needs_release: bool  # a person releases every notice
    template: str  # name of the letter text
    claims_lump_sum: bool = False  # claim the lump sum (Verzugspauschale) where the law gives one

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
    receipt: Receipt | None = None  # None: only that it was sent is known
    fee_minor: int = 0  # the fee it charged on this item
    # Both are asked for again and again in a large run, and known from the start. The day it really left the house: a
    # letter's posting day, where a person said which it was.
    left_on: date = field(init=False, repr=False, compare=False)
    # The deadline it granted: who got a letter that was posted late has as many days as everybody else.
    lasting_deadline: date | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        posted_on = self.receipt.posted_on if self.receipt else None
        left_on = max(self.sent_on, posted_on or self.sent_on)
        object.__setattr__(self, "left_on", left_on)
        late = left_on - self.sent_on
        object.__setattr__(self, "lasting_deadline", self.deadline + late if self.deadline else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """How this office duns: its ``stages``, lowest first, which are the standard ladder; tracks, and limits."""

    stages: tuple[Stage, ...]
    tracks: tuple[Track, ...] = ()  # beside the standard one
    choices: tuple[Choice, ...] = ()  # who is put on which track, where the company does not say
    one_letter_per: LetterPer = LetterPer.DEBTOR
    minimum_gap_days: int  # between two notices to the same debtor
    max_statement_age_bank_days: int  # how far statements may lag behind the last bank day before the run
    max_mirror_age_days: int  # how old the accounting tool's open items may be
    # Asked for a million times in a large run: the place on the ladder of each stage, by name.
    places: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        places = MappingProxyType({stage.name: place for place, stage in enumerate(self.stages)})
        object.__setattr__(self, "places", places)

    def stage(self, name: str) -> Stage | None:
        """Find a stage by name; None where an older procedure knew it and this one does not."""
        place = self.places.get(name)
        return None if place is None else self.stages[place]

    @property
    def standard(self) -> Track:
        """The ladder of everybody for whom nothing else was chosen."""
        return Track(name=STANDARD, for_whom="everybody", stages=self.stages, minimum_gap_days=self.minimum_gap_days)

    @property
    def by_track(self) -> Mapping[str, Track]:
        """All tracks by name, the standard one included."""
        return {track.name: track for track in (self.standard, *self.tracks)}

    def highest(self, stages: Iterable[Stage]) -> Stage:
        """Give the highest stage; where tracks differ about it, the one that waits longest and costs least."""
        return max(
            stages, key=lambda one: (self.places[one.name], one.deadline_days, -one.fee_minor, one.needs_release)
        )

    def position(self, name: str) -> int | None:
        """Give the place on the ladder, 0 for the lowest; None for a name this procedure does not know."""
        return self.places.get(name)


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
    # Five working days are about a week; whoever mixes both kinds of days must still climb.
    if _about_calendar_days(higher) <= _about_calendar_days(lower):
        yield (
            f"stage {higher.name}: days_overdue = {higher.days_overdue} is not later than "
            f"{lower.days_overdue} of {lower.name}; a ladder leads upwards"
        )
    if higher.days_after_previous < 1:
        yield f"stage {higher.name}: days_after_previous = 0 would send it on the same day as {lower.name}"
    if Channel.AGENCY in lower.channels:
        yield f"stage {higher.name}: nothing follows {lower.name}; after a hand-over only the agency speaks"


def _about_calendar_days(stage: Stage) -> int:
    return stage.days_overdue * 7 // 5 if stage.count_working_days else stage.days_overdue


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
    limits = read_table({k: v for k, v in mapping.items() if k not in _LISTS}, _LIMITS, "procedure", mistakes)
    stages = _read_stages(mapping.get("stage", []), mistakes)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    tracks = _read_tracks(mapping.get("track", []), stages, mistakes)
    choices = _read_choices(mapping.get("choice", []), {STANDARD, *(track.name for track in tracks)}, mistakes)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return Procedure(stages=tuple(stages), tracks=tuple(tracks), choices=tuple(choices), **limits)


def _read_tracks(tables: object, stages: Sequence[Stage], mistakes: list[str]) -> list[Track]:
    if not isinstance(tables, list):
        mistakes.append("procedure: track must be a list of tables; write [[track]]")
        return []
    catalogue = {stage.name: stage for stage in stages}
    read = [read_track(table, catalogue, _STEP, number, mistakes) for number, table in enumerate(tables, 1)]
    tracks = [track for track in read if track is not None]
    for track in tracks:
        mistakes.extend(f"track {track.name}: {mistake}" for mistake in _track_mistakes(track, list(catalogue)))
    names = [STANDARD, *(track.name for track in tracks)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        what = "the [[stage]] blocks are its ladder" if name == STANDARD else "the name is used twice"
        mistakes.append(f"track {name}: {what}")
    return tracks


def _track_mistakes(track: Track, catalogue: Sequence[str]) -> Iterator[str]:
    yield from ladder_mistakes(track.stages)
    places = [catalogue.index(stage.name) for stage in track.stages]
    # An item may change its track on the way, and then goes on above what was sent.
    if places != sorted(places):
        yield f"the steps must come in the order of the stages: {', '.join(catalogue)}"


def _read_choices(tables: object, known: Collection[str], mistakes: list[str]) -> list[Choice]:
    if not isinstance(tables, list):
        mistakes.append("procedure: choice must be a list of tables; write [[choice]]")
        return []
    read = [read_choice(table, number, mistakes) for number, table in enumerate(tables, 1)]
    choices = [choice for choice in read if choice is not None]
    mistakes.extend(
        f"choice of track {choice.track}: there is no such track; there is {', '.join(sorted(known))}"
        for choice in choices
        if choice.track not in known
    )
    return choices


def _read_stages(tables: object, mistakes: list[str]) -> list[Stage]:
    if not isinstance(tables, list):
        mistakes.append("procedure: stage must be a list of tables; write [[stage]]")
        return []
    stages = []
    for number, table in enumerate(tables, 1):
        before = len(mistakes)
        values = read_table(table, _STAGE, _place(number, table), mistakes, optional=_MAY_BE_ABSENT)
        if len(mistakes) == before:
            stages.append(Stage(**values))
    # An empty list of readable stages was already explained, unless there was nothing to read.
    if stages or not tables:
        mistakes.extend(ladder_mistakes(stages))
    return stages


def _place(number: int, table: object) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    return f"stage {name}" if isinstance(name, str) and name.strip() else f"stage number {number}"


def _channels(value: object) -> tuple[Channel, ...]:
    known = ", ".join(Channel)
    if not isinstance(value, list) or not value:
        raise ValueError(f"write a list of channels, the preferred one first; known are {known}")
    try:
        channels = tuple(Channel(word(name)) for name in value)
    except ValueError:
        raise ValueError(f"one of these is no channel; known are {known}") from None
    if len(set(channels)) < len(channels):
        raise ValueError("name each channel once")
    return channels


def _titles(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not value:
        raise ValueError('write a title for each language: { de = "1. Mahnung", en = "First reminder" }')
    return MappingProxyType({word(language): word(title) for language, title in value.items()})


def _weekdays(value: object) -> frozenset[int]:
    if not isinstance(value, list) or not value or not all(day in WEEKDAYS for day in value):
        raise ValueError(f"write a list of weekdays; known are {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(day) for day in value)


def _letter_per(value: object) -> LetterPer:
    if not isinstance(value, str) or value not in set(LetterPer):
        raise ValueError(f"known are {', '.join(LetterPer)}")
    return LetterPer(value)


_LISTS: Final = frozenset({"stage", "track", "choice"})
_LIMITS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "one_letter_per": _letter_per,
        "minimum_gap_days": whole_number,
        "max_statement_age_bank_days": whole_number,
        "max_mirror_age_days": whole_number,
    }
)
_STAGE: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "name": word,
        "titles": _titles,
        "days_overdue": whole_number,
        "days_after_previous": whole_number,
        "count_working_days": yes_or_no,
        "weekdays": _weekdays,
        "channels": _channels,
        "deadline_days": whole_number,
        "minimum_minor": whole_number,
        "interest": yes_or_no,
        "fee_minor": whole_number,
        "claims_lump_sum": yes_or_no,
        "is_mahnung": yes_or_no,
        "needs_release": yes_or_no,
        "template": word,
    }
)
# A ladder that does not speak of it does not claim it.
_MAY_BE_ABSENT: Final = frozenset({"claims_lump_sum"})
# What a track may say differently of a stage; what a stage is called and whether it is a Mahnung is the same for all.
_STEP: Final = MappingProxyType({key: _STAGE[key] for key in _STAGE if key not in {"name", "titles", "is_mahnung"}})
