"""Limitation (Verjährung): the last day on which a claim can still be enforced (§§ 195, 199, 203 ff., 212 BGB)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dunning.countries import GERMANY
from ledger.calendar import months_later

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dunning.countries import CountryLaw

_ONE_DAY: Final = timedelta(days=1)
_TITLE_YEARS: Final = 30  # § 197 Abs. 1 Nr. 3 BGB
_AFTER_NEGOTIATIONS_MONTHS: Final = 3  # § 203 Satz 2 BGB
_AFTER_PROCEEDINGS_MONTHS: Final = 6  # § 204 Abs. 2 BGB
# The court needs time to serve, and its post room has holidays: of the year's end this is 15 December.
_FILE_BEFORE: Final = timedelta(days=16)


class Urgency(StrEnum):
    """How near the last day is, the quietest first."""

    LATER = "later"
    EARLY = "early"  # half a year is left: there is time to talk, and to ask for an acknowledgement
    SOON = "soon"  # a quarter is left: decide
    NOW = "now"  # a month is left: go to court
    OVER = "over"  # time-barred

    @property
    def rank(self) -> int:
        """The place among all, the quietest being 0."""
        return list(Urgency).index(self)


# So many months before the end the warning starts: of the year's end on 1 July, 1 October and 1 December.
WARNINGS: Final = ((6, Urgency.EARLY), (3, Urgency.SOON), (1, Urgency.NOW))


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationLaw:
    """The paragraphs of one country about limitation, and what a creditor can do in time."""

    period: str  # how long, and since when
    renewal: str  # an acknowledgement starts the time anew
    talks: str
    deferral: str
    proceedings: str  # of insolvency and court
    heirs: str
    action: str  # the step that stops or renews the time without the debtor
    waiver: str  # the debtor waives the plea


_GERMAN: Final = LimitationLaw(
    period="§§ 195, 199 BGB",
    renewal="§ 212 BGB",
    talks="§ 203 BGB",
    deferral="§ 205 BGB",
    proceedings="§ 204 BGB",
    heirs="§ 211 BGB",
    action="apply for an order for payment (Mahnbescheid, § 204 (1) no. 3 BGB) with `hand-over court`",
    waiver="a waiver of the plea (Verjährungsverzicht, § 202 (2) BGB)",
)
_PARAGRAPHS: Final[Mapping[str, LimitationLaw]] = MappingProxyType(
    {
        "DE": _GERMAN,
        "AT": LimitationLaw(
            period="§ 1486 Nr. 1 ABGB",
            renewal="§ 1497 ABGB",
            talks="as the courts see settlement talks, for two or three months after them",
            deferral="as the courts see a deferral",
            proceedings="§ 9 IO",
            heirs="ask a lawyer",
            action="bring an order for payment to court (Mahnklage, §§ 244 ff. ZPO)",
            waiver="a promise in writing not to plead it",
        ),
        "CH": LimitationLaw(
            period="Art. 127, 128, 130 OR",
            renewal="Art. 135 Ziff. 1, 137 OR",
            talks="Art. 134 Abs. 1 Ziff. 8 OR",
            deferral="Art. 134 OR",
            proceedings="Art. 135 Ziff. 2, 138 OR",
            heirs="Art. 134 Abs. 1 Ziff. 7 OR",
            action="ask for debt enforcement (Betreibungsbegehren, Art. 135 Ziff. 2 OR)",
            waiver="a waiver of the plea in writing (Art. 141 OR)",
        ),
    }
)


class SuspensionGround(StrEnum):
    """Why time does not count (Hemmung)."""

    NEGOTIATIONS = "negotiations"  # § 203: both sides talk about the claim; ends at the earliest 3 months after
    COURT = "court"  # § 204 Nr. 1, 3: lawsuit, served Mahnbescheid; runs on until 6 months after the last step
    INSOLVENCY = "insolvency"  # § 204 Nr. 10: the claim was filed; as above
    DEFERRAL = "deferral"  # § 205: an agreed right to wait, Stundung or instalments


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """Days that do not count (§ 209 BGB), first and last included."""

    ground: SuspensionGround
    first_day: date
    last_day: date | None  # of the talks, of the last step in court, of the deferral; None: it goes on


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationStep:
    """One thing that moved the end, in words."""

    day: date  # when it happened
    end: date | None  # what it made of the end; None: no end in sight
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """Until when a claim can be enforced, and how that came about."""

    nominal_end: date  # without suspension and acknowledgement
    end: date | None  # None: suspended, and nobody knows until when
    steps: tuple[LimitationStep, ...]


def limitation_law(law: CountryLaw) -> LimitationLaw:
    """Give the paragraphs of a country; where we know none, the German ones, as with its rates."""
    return _PARAGRAPHS.get(law.country, _GERMAN)


def limitation_end(due_date: date, law: CountryLaw = GERMANY) -> date:
    """Give the last day, without suspension: in Germany 31 December of the third year (§§ 195, 199 BGB).

    In Austria three years from the due date (§ 1486 Nr. 1 ABGB), in Switzerland five (Art. 128, 130 OR).

    The due date as printed counts, not the one shifted under § 193 BGB: a shift over New Year would add a year.
    Suspension (§§ 203 ff. BGB) and acknowledgement (§ 212 BGB) only make it later, so this day is the safe one. A
    reminder changes nothing. Where the end is a weekend, filing on the next working day is still in time; do not plan
    on it.
    """
    if law.limitation_from_year_end:
        return date(due_date.year + law.limitation_years, 12, 31)
    return _years_later(due_date, law.limitation_years)


def limitation(
    due_date: date,
    *,
    suspensions: Iterable[Suspension] = (),
    acknowledged_on: Iterable[date] = (),
    law: CountryLaw = GERMANY,
) -> Limitation:
    """Tell until when a claim can be enforced, from everything that stopped or restarted the time.

    A day of suspension is not counted (§ 209): the end moves by as many days as were suspended after the time began
    and before it ended. Negotiations let it end three months after them at the earliest (§ 203), proceedings stop it
    until six months after the last step (§ 204 Abs. 2). An acknowledgement, such as a part payment (§ 212 Abs. 1
    Nr. 1), starts the years anew on the day after it, to the day and not to the end of a year (BGH VIII ZR 344/12);
    one before the time began, or after it ended, does nothing. Raises ValueError for a suspension that ends before it
    begins.
    """
    nominal = limitation_end(due_date, law)
    begins = date(due_date.year + 1, 1, 1) if law.limitation_from_year_end else due_date + _ONE_DAY
    pauses = sorted(suspensions, key=lambda one: (one.first_day, one.last_day or date.max))
    for pause in pauses:
        if pause.last_day is not None and pause.last_day < pause.first_day:
            raise ValueError(f"the suspension of {pause.first_day} ends on {pause.last_day}, before it begins")
    nature = _Run(begins=begins, nominal=nominal)
    end = _with_pauses(nature, pauses)
    steps = list(_pause_steps(nature, pauses))
    for day in sorted(acknowledged_on):
        if day < begins or end is None or day > end:
            steps.append(LimitationStep(day=day, end=end, because=_without_effect(day, begins)))
            continue
        restarted = _Run(begins=day + _ONE_DAY, nominal=_years_later(day, law.limitation_years))
        anew = _with_pauses(restarted, pauses)
        # It is the debtor's word in the creditor's favour, and never makes the end earlier.
        end = None if anew is None else max(end, anew)
        steps.append(
            LimitationStep(
                day=day,
                end=end,
                because=f"Acknowledged on {day}: the years start anew ({limitation_law(law).renewal}).",
            )
        )
    return Limitation(nominal_end=nominal, end=end, steps=tuple(sorted(steps, key=lambda step: step.day)))


def title_end(final_on: date) -> date:
    """Give the last day of a claim that a court has confirmed: thirty years (§§ 197 Abs. 1 Nr. 3, 201 BGB)."""
    return _years_later(final_on, _TITLE_YEARS)


def urgency(end: date, day: date) -> Urgency:
    """Tell how near the end is on a day: six, three, one month before the claim is time-barred, or over."""
    if day > end:
        return Urgency.OVER
    reached = [how for months, how in WARNINGS if day >= months_later(end + _ONE_DAY, -months)]
    return max(reached, key=lambda how: how.rank, default=Urgency.LATER)


def file_by(end: date) -> date:
    """Give the last day on which a court application is safely in time; of the year's end 15 December."""
    return end - _FILE_BEFORE


def days_to_warn(end: date) -> tuple[date, ...]:
    """Give the days on which a warning becomes louder, the earliest first, with the last one to apply to a court."""
    days = {months_later(end + _ONE_DAY, -months) for months, _ in WARNINGS}
    return tuple(sorted({*days, file_by(end)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of the years: its first counted day and its last one while nothing suspends it."""

    begins: date
    nominal: date


def _with_pauses(run: _Run, pauses: Sequence[Suspension]) -> date | None:
    end, counted_until = run.nominal, run.begins - _ONE_DAY
    floor = date.min
    for pause in pauses:
        if pause.first_day > end:
            break
        last = _last_suspended(pause)
        if last is None:
            return None
        # Overlapping suspensions are counted once, and only after the time began.
        first = max(pause.first_day, counted_until + _ONE_DAY)
        if last >= first:
            end += timedelta(days=(last - first).days + 1)
            counted_until = last
        if pause.ground is SuspensionGround.NEGOTIATIONS:
            floor = max(floor, months_later(last, _AFTER_NEGOTIATIONS_MONTHS))
    return max(end, floor)


def _last_suspended(pause: Suspension) -> date | None:
    if pause.last_day is None:
        return None
    if pause.ground in {SuspensionGround.COURT, SuspensionGround.INSOLVENCY}:
        return months_later(pause.last_day, _AFTER_PROCEEDINGS_MONTHS)
    return pause.last_day


def _pause_steps(run: _Run, pauses: Sequence[Suspension]) -> Iterator[LimitationStep]:
    for number, pause in enumerate(pauses, 1):
        end = _with_pauses(run, pauses[:number])
        until = f"until {pause.last_day}" if pause.last_day else "and goes on"
        because = f"Suspended from {pause.first_day} {until} by {pause.ground} ({_LAW[pause.ground]})."
        yield LimitationStep(day=pause.first_day, end=end, because=because)


_LAW: Final = {
    SuspensionGround.NEGOTIATIONS: "§ 203 BGB",
    SuspensionGround.COURT: "§ 204 BGB",
    SuspensionGround.INSOLVENCY: "§ 204 Abs. 1 Nr. 10 BGB",
    SuspensionGround.DEFERRAL: "§ 205 BGB",
}


def _without_effect(day: date, begins: date) -> str:
    if day < begins:
        return f"Acknowledged on {day}, before the time began on {begins}: nothing changes (BGH VIII ZR 344/12)."
    return f"Acknowledged on {day}: no time was running that could start anew."


def _years_later(day: date, years: int) -> date:
    return months_later(day, 12 * years)
