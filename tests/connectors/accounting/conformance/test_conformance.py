"""Every tool is tried with everything that can go wrong: it must be read right, or not at all, and say why."""

from __future__ import annotations

import json
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connectors.accounting import TOOLS, Capability
from connectors.accounting.orders import BooksPayments, SetsDunning
from connectors.accounting.source import Known
from connectors.accounting.sync import ToolSource
from connectors.wire import Bounds
from ledger.errors import ConnectorError, Refused, Unavailable, Unreadable
from tests.connectors.accounting.conformance.given import (
    SECRET,
    Faulty,
    Reply,
    Sleeps,
    Tried,
    answering,
    changed,
    is_described,
    line_for,
    moved_to,
    tools_to_try,
    with_header,
)
from tests.connectors.accounting.conformance.not_yet_described import NOT_YET_DESCRIBED
from tests.connectors.wire.hostile import HostileServer, drip, http

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests import PreparedRequest

    from connectors.accounting.source import Pulled
    from tests.connectors.wire.hostile import Script

pytestmark = pytest.mark.slow  # fifteen tools, fifty ways to fail: the second stage has the time

TRIED = tools_to_try(NOT_YET_DESCRIBED)
COUNT = 7
HTML = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


# One of each family is tried at every question of a pull; the others at the first.
AT_EACH_QUESTION = frozenset({401, 404, 502, HTML, "{}", "null"})


@pytest.fixture(params=TRIED, ids=lambda tried: tried.kind)
def tried(request: pytest.FixtureRequest) -> Tried:
    found: Tried = request.param
    return found


def pull(tried: Tried, fake: Callable[[PreparedRequest], Reply], known: Known | None = None) -> Pulled:
    """Connect anew, and read everything."""
    with answering(fake):
        source = ToolSource(tried.tool.connect(tried.given.settings, line_for(Sleeps())))
        return source.pull(known or Known())


def good(tried: Tried, count: int = COUNT) -> Callable[[PreparedRequest], Reply]:
    """Give a fake of the tool that does everything right."""
    return tried.given.make(count)


def raised(tried: Tried, fake: Callable[[PreparedRequest], Reply]) -> ConnectorError:
    """Pull, expect an error, and look that nothing of it holds the key."""
    with pytest.raises(ConnectorError) as error:
        pull(tried, fake)
    assert SECRET not in "".join(traceback.format_exception(error.value)) + repr(error.value.args)
    return error.value


def questions_of(tried: Tried) -> int:
    """Count what a whole pull asks."""
    counting = Faulty(good(tried), Reply(500, {}, ""), times=0)
    pull(tried, counting)
    return counting.asked


def keys(pulled: Pulled) -> list[str]:
    """Name the items that were read."""
    return sorted(item.item_id for item in pulled.items)


def test_every_tool_is_described_or_stands_in_the_one_list_of_those_that_are_not() -> None:
    missing = {kind for kind in TOOLS if kind != "file" and not is_described(kind)} - NOT_YET_DESCRIBED
    stale = {kind for kind in NOT_YET_DESCRIBED if is_described(kind)}
    assert not missing, f"write tests/connectors/accounting/conformance/given_<tool>.py for {sorted(missing)}"
    assert not stale, f"described by now, so take them out of not_yet_described.py: {sorted(stale)}"


def test_a_good_tool_is_read_whole(tried: Tried) -> None:
    pulled = pull(tried, good(tried))
    assert len(pulled.items) == len(pulled.documents) == COUNT
    assert len(set(keys(pulled))) == COUNT
    assert pulled.complete
    assert pulled.findings == ()
    assert all(item.open_amount.minor > 0 and item.source == tried.given.settings.name for item in pulled.items)
    known = {debtor.number for debtor in pulled.debtors}
    assert all(item.debtor_number in known for item in pulled.items), "the numbers people see, not the ids"


def test_reading_twice_gives_the_same(tried: Tried) -> None:
    first, second = pull(tried, good(tried)), pull(tried, good(tried))
    assert list(first.items) == list(second.items)
    assert first.debtors == second.debtors


def test_what_a_tool_can_do_is_what_it_says(tried: Tried) -> None:
    with answering(good(tried)):
        tool = tried.tool.connect(tried.given.settings, line_for(Sleeps()))
    assert set(tool.capabilities) <= set(Capability)
    if Capability.BOOKS_PAYMENTS in tool.capabilities:
        assert isinstance(tool, BooksPayments)
    if {Capability.SETS_DUNNING_LEVELS, Capability.CREATES_DUNNING_DOCUMENTS} & set(tool.capabilities):
        assert isinstance(tool, SetsDunning)


def test_empty_lists_are_no_mistake(tried: Tried) -> None:
    pulled = pull(tried, good(tried, 0))
    assert (len(pulled.items), pulled.complete, pulled.findings) == (0, True, ())


def test_a_document_that_left_is_asked_for_by_its_id(tried: Tried) -> None:
    first = pull(tried, good(tried))
    if Capability.READS_ONE_ITEM not in tried.tool.capabilities:
        pytest.skip("this tool cannot be asked for one document")
    before = Known(open={document.key: document.item.item_id for document in first.documents if document.item})
    pulled = pull(tried, good(tried, COUNT - 1), before)
    assert [left.standing.value for left in pulled.left] == ["deleted"]
    assert not pulled.unclear


def test_pages_are_put_together(tried: Tried) -> None:
    if not tried.given.page:
        pytest.skip("a page of this tool is larger than a test should make")
    pulled = pull(tried, good(tried, tried.given.page * 2 + 1))
    assert (len(set(keys(pulled))), pulled.complete) == (tried.given.page * 2 + 1, True)


def test_rows_that_come_twice_are_counted_once(tried: Tried) -> None:
    pulled = pull(tried, changed(tried.given, good(tried), lambda rows: rows * 2))
    assert keys(pulled) == keys(pull(tried, good(tried)))


@pytest.mark.parametrize("status", [401, 403, 404, 409, 410, 422, 500, 502, 503, 504])
def test_whatever_refusal_comes_whenever_is_told_as_what_it_is(tried: Tried, status: int) -> None:
    fault = Reply(status, {"Content-Type": "text/html"}, HTML + SECRET)
    if status not in tried.given.meant_otherwise:
        error = raised(tried, Faulty(good(tried), fault))
        assert isinstance(error, Unavailable if status >= 500 else Refused)
        assert "nginx" not in str(error), "a web page tells nobody anything"
    for at in range(1, questions_of(tried) if status in AT_EACH_QUESTION else 1):
        _right_or_not_at_all(tried, Faulty(good(tried), fault, at=at))


def test_a_wrong_key_is_told_so(tried: Tried) -> None:
    assert isinstance(raised(tried, lambda _: tried.given.refused), Refused)


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_that_passes_is_waited_for(tried: Tried, status: int) -> None:
    whole = keys(pull(tried, good(tried)))
    for at in range(questions_of(tried)):
        assert keys(pull(tried, Faulty(good(tried), Reply(status, {}, HTML), at=at, times=1))) == whole


def test_a_tool_that_asks_to_slow_down_in_its_own_way_is_obeyed(tried: Tried) -> None:
    sleeps = Sleeps()
    with answering(Faulty(good(tried), tried.given.slow_down, times=1)):
        pulled = ToolSource(tried.tool.connect(tried.given.settings, line_for(sleeps))).pull()
    assert len(pulled.items) == COUNT
    assert sleeps.seconds


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        "",
        "{",
        '{"',
        "null",
        "5",
        '"ok"',
        "[5]",
        "{}",
        '{"a": 1, "a": 2}',
        "[" * 5_000 + "]" * 5_000,
        "NaN",
        "\x00",
    ],
    ids=[
        "html",
        "empty",
        "cut",
        "cut text",
        "null",
        "number",
        "text",
        "numbers",
        "object",
        "twice",
        "deep",
        "nan",
        "nul",
    ],
)
def test_what_is_not_an_answer_is_never_taken_for_an_empty_list(tried: Tried, body: str) -> None:
    fault = Reply(200, {"Date": "Tue, 05 May 2026 00:30:00 GMT"}, body)
    raised(tried, Faulty(good(tried), fault))
    for at in range(1, questions_of(tried) if body in AT_EACH_QUESTION else 1):
        _right_or_not_at_all(tried, Faulty(good(tried), fault, at=at))


def test_a_body_that_was_cut_off_is_no_answer(tried: Tried) -> None:
    def cut(request: PreparedRequest) -> Reply:
        reply = fake(request)
        return reply._replace(body=reply.body[: len(reply.body) // 2])

    fake = good(tried)
    raised(tried, cut)


def test_a_pull_that_broke_off_begins_anew(tried: Tried) -> None:
    whole = pull(tried, good(tried))
    for at in range(questions_of(tried)):
        fake = good(tried)
        _right_or_not_at_all(tried, Faulty(fake, Reply(503, {}, ""), at=at))
        assert list(pull(tried, fake).items) == list(whole.items)


@pytest.mark.parametrize(
    "date",
    [
        None,
        "rubbish",
        "Mon, 01 Jan 1900 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 2037 00:00:00 GMT",
    ],
)
def test_a_clock_that_is_wrong_loses_no_document(tried: Tried, date: str | None) -> None:
    skewed = pull(tried, with_header(good(tried), "Date", date))
    again = pull(tried, good(tried), Known(cursors=skewed.cursors))
    assert keys(skewed) == keys(again) == keys(pull(tried, good(tried)))


VALUES: list[Any] = [None, {}, [], True, "", -1, "x", 10**40, "\ud800\x00", "0000-00-00", [{}], {"a": 1}, [None]]


def test_a_field_of_another_shape_is_a_finding_and_never_a_crash(tried: Tried) -> None:
    seen: set[str] = set()

    def names(rows: list[Any]) -> list[Any]:
        seen.update(name for row in rows if isinstance(row, dict) for name in row)
        return rows

    pull(tried, changed(tried.given, good(tried), names))
    for name in sorted(seen):
        for start in range(0, len(VALUES), COUNT):
            spoiled = partial(_spoiled, name=name, start=start)
            _right_or_not_at_all(
                tried, changed(tried.given, good(tried), spoiled), f"{name} is {VALUES[start:][:COUNT]}"
            )
        _right_or_not_at_all(tried, changed(tried.given, good(tried), partial(_without, name=name)), f"no {name}")


def _spoiled(rows: list[Any], name: str, start: int) -> list[Any]:
    values = VALUES[start : start + COUNT]
    return [
        {**row, name: values[number % len(values)]} if isinstance(row, dict) and name in row else row
        for number, row in enumerate(rows)
    ]


def _without(rows: list[Any], name: str) -> list[Any]:
    return [{k: v for k, v in row.items() if k != name} if isinstance(row, dict) else row for row in rows]


def _right_or_not_at_all(tried: Tried, fake: Callable[[PreparedRequest], Reply], why: str = "") -> None:
    """Pull: no other error than one of the outside world; and what was read is believable."""
    try:
        pulled = pull(tried, fake)
    except ConnectorError as error:
        told = str(error)
    else:
        told = repr(pulled.findings)
        for item in pulled.items:
            assert item.open_amount.minor >= 0, (why, item)
            assert item.amount.minor >= 0, (why, item)
            assert item.document_number, (why, item)
            assert item.item_id.rpartition(":")[2] not in {"", "None"}, (why, item)
        if len(pulled.items) < COUNT:  # then somebody hears of it
            heard = pulled.findings or not pulled.complete or len(pulled.documents) == COUNT
            assert heard, f"documents vanished without a word: {why}"
    assert SECRET not in told


# ---------------------------------------------------------------- over a real wire

QUICK = Bounds(silence_seconds=0.15, answer_seconds=0.2, attempts=1, answer_bytes=50_000)


@pytest.fixture
def served() -> Iterator[Callable[[Script], str]]:
    servers: list[HostileServer] = []

    def serve(script: Script) -> str:
        servers.append(HostileServer([script]))
        return servers[-1].base

    yield serve
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("script", "becomes"),
    [
        (drip(0.02, b"HTTP/1.1 200 OK\r\nX: "), Unavailable),
        (drip(0.02, b"HTTP/1.1 200 OK\r\n\r\n["), Unavailable),
        (http(b"[" + b" " * 60_000 + b"]"), Unreadable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n[]", Unavailable),
        (http(b"<html>sign in</html>"), Unreadable),
    ],
    ids=["slow loris in the head", "slow loris in the body", "huge", "cut off", "a web page"],
)
def test_a_hostile_server_costs_no_time_and_no_memory(
    tried: Tried, served: Callable[[Script], str], script: Script, becomes: type[ConnectorError]
) -> None:
    line = moved_to(line_for(Sleeps(), QUICK), served(script))
    with pytest.raises(becomes) as error:
        ToolSource(tried.tool.connect(tried.given.settings, line)).pull()
    assert SECRET not in str(error.value)
    assert json.dumps(str(error.value))
