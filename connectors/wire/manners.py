"""Manners (Umgangsformen): how each tool says "slow down", and in which words it refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Final

from connectors.wire.answer import moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.wire.answer import Answer
    from ledger.errors import ConnectorError

_LONGEST: Final = 6 * 3600.0  # seconds; whoever asks for more is asked again the next night


class Clock(StrEnum):
    """What a number in a header counts."""

    SECONDS = "seconds"  # from now on; ``Retry-After`` may also be a date (RFC 9110, 10.2.3)
    EPOCH = "epoch"  # seconds since 1970
    EPOCH_MILLISECONDS = "epoch_milliseconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Headers that tell how many questions are left, and when there will be more."""

    remaining: str
    reset: str
    clock: Clock = Clock.SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """The habits of one tool."""

    retry_after: Clock = Clock.SECONDS
    quotas: tuple[Quota, ...] = ()
    slow_down: frozenset[int] = frozenset({429})  # statuses that mean it; some tools use others as well
    # Seconds to wait, read from the text of a refusal; None where it says nothing. "Try again in 246 seconds."
    wait_in_words: Callable[[Answer], float | None] | None = None
    # What went wrong, in the tool's own words; empty where the body has none.
    words: Callable[[Answer], str] | None = None
    # Some tools answer 200 to everything and put the error inside.
    trouble: Callable[[Answer], ConnectorError | None] | None = None


def seconds_to_wait(answer: Answer, manners: Manners) -> float | None:
    """Give how long the tool asks us to wait after a refusal; None where it does not say.

    What it says outright counts, and the end of every quota that is used up. Where it says neither, the quota that
    ends first: if it was another one, the tool will say so.
    """
    said = [_seconds(answer.headers, "Retry-After", manners.retry_after)]
    said.append(manners.wait_in_words(answer) if manners.wait_in_words else None)
    said += [_reset(answer, quota) for quota in manners.quotas if _used_up(answer, quota)]
    if outright := [seconds for seconds in said if seconds is not None]:
        return _bounded(max(outright))
    resets = [seconds for quota in manners.quotas if (seconds := _reset(answer, quota)) is not None]
    return _bounded(min(resets)) if resets else None


def seconds_to_rest(answer: Answer, manners: Manners) -> float:
    """Give how long to rest after a good answer, because it was the last one of its quota."""
    rests = [_reset(answer, quota) or 0.0 for quota in manners.quotas if _used_up(answer, quota)]
    return _bounded(max(rests, default=0.0))


def _bounded(seconds: float) -> float:
    return min(max(0.0, seconds), _LONGEST)


def _used_up(answer: Answer, quota: Quota) -> bool:
    left = _number(answer.headers.get(quota.remaining, ""))
    return left is not None and left <= 0


def _reset(answer: Answer, quota: Quota) -> float | None:
    return _seconds(answer.headers, quota.reset, quota.clock) if quota.reset else None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _seconds(headers: Mapping[str, str], name: str, clock: Clock) -> float | None:
    """Read a time to wait: a number that counts what ``clock`` says, or a date."""
    text = headers.get(name, "").strip()
    if (number := _number(text)) is None:
        moment = moment_of(text)
        return _until(moment, headers) if moment else None
    if clock is Clock.SECONDS:
        return max(0.0, number)
    since_1970 = number / 1_000 if clock is Clock.EPOCH_MILLISECONDS else number
    try:
        return _until(datetime.fromtimestamp(since_1970, UTC), headers)
    except (ValueError, OverflowError, OSError):
        return None


def _until(moment: datetime, headers: Mapping[str, str]) -> float | None:
    """Give the seconds until then by the tool's own clock, which also tells what time it is there."""
    now = moment_of(headers.get("Date", ""))
    return max(0.0, (moment - now).total_seconds()) if now else None
