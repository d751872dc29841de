"""How fast one credential is used: never faster than its rate, whatever comes when."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.wire import LocalLimiter, Rate
from connectors.wire.limiter import next_turn

RATES = st.builds(
    Rate,
    requests=st.integers(1, 100),
    seconds=st.sampled_from([1.0, 10.0, 60.0]),
    burst=st.integers(1, 20),
)


@given(rate=RATES, rests=st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_rate_allows_in_any_window(rate: Rate, rests: list[float]) -> None:
    now, free_at, turns = 1_000.0, 0.0, []
    for rest in rests:
        now += rest
        wait, free_at = next_turn(free_at, now, rate)
        assert wait >= 0
        turns.append(now + wait)
    assert turns == sorted(turns), "first come, first served"
    for first, start in enumerate(turns):
        for count, end in enumerate(turns[first:], 1):
            assert count <= (end - start) / rate.interval + rate.burst + 1e-6


@given(rate=RATES)
def test_after_a_rest_a_burst_may_come_at_once_and_no_more(rate: Rate) -> None:
    free_at, waits = 0.0, []
    for _ in range(rate.burst + 1):
        wait, free_at = next_turn(free_at, 1_000_000.0, rate)
        waits.append(wait)
    assert waits[: rate.burst] == pytest.approx([0.0] * rate.burst, abs=1e-6)
    assert waits[rate.burst] == pytest.approx(rate.interval)


@settings(max_examples=50)
@given(seconds=st.floats(1, 10_000), rate=RATES)
def test_a_pause_is_obeyed_by_all_and_never_shortened(seconds: float, rate: Rate) -> None:
    limiter = LocalLimiter()
    limiter.pause("one", seconds)
    limiter.pause("one", 0.5)
    assert limiter.turn("one", rate) > seconds - 0.5
    assert limiter.turn("another", rate) == 0


@pytest.mark.parametrize(("requests", "seconds", "burst"), [(0, 1, 1), (-1, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_rate_that_lets_nobody_through_is_a_mistake(requests: float, seconds: float, burst: int) -> None:
    with pytest.raises(ValueError, match="lets nobody through"):
        Rate(requests=requests, seconds=seconds, burst=burst)
