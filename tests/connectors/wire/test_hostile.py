"""Whatever comes over the wire: a night waits for nobody, loses no memory, and gives no key away."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import socket
import time
import traceback
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connectors.wire import Basic, Bearer, Bounds, HeaderKey, LocalLimiter, Manners, Quota, Secret, Wire
from connectors.wire.manners import Clock
from ledger.errors import (
    Conflict,
    ConnectorError,
    NotThere,
    Refused,
    Throttled,
    Unavailable,
    Uncertain,
    Unreadable,
)
from tests.connectors.wire.conftest import KEY
from tests.connectors.wire.hostile import certificate, drip, http

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.connectors.wire.conftest import Serve

GOOD = http(b'{"id": 1}')
OK_HEAD = b"HTTP/1.1 200 OK\r\n"


def refused_with(error: type[ConnectorError], ask: Callable[[], object]) -> str:
    """Ask, expect an error, and look that neither it nor its whole trace holds the key."""
    started = time.monotonic()
    with pytest.raises(error) as told:
        ask()
    assert time.monotonic() - started < 4, "it was waited for too long"
    whole = "".join(traceback.format_exception(told.value)) + repr(told.value.args)
    assert KEY not in whole
    return str(told.value)


# ---------------------------------------------------------------- slow, large, broken


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (drip(0.05, b"HTT"), "took longer than"),
        (drip(0.05, OK_HEAD + b"X-Slow: "), "took longer than"),
        (drip(0.05, b"HTTP/1.1 100 Continue\r\n\r\n"), "took longer than"),
        (drip(0.05, OK_HEAD + b"Content-Length: 1000\r\n\r\n"), "took longer than"),
        (drip(0.05, OK_HEAD + b"\r\n{"), "took longer than"),
        (drip(0.05, OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), "took longer than"),
        (drip(5.0, OK_HEAD + b"Content-Length: 1000\r\n\r\n{"), "fell silent"),
        (drip(5.0), "fell silent"),
    ],
    ids=["status", "header", "continue", "body", "body without length", "chunks", "silent body", "silent"],
)
def test_whoever_drips_or_falls_silent_is_cut_off(
    serve: Serve, wired: Callable[..., Wire], script: Callable[[socket.socket], None], says: str
) -> None:
    server = serve(script)
    assert says in refused_with(Unavailable, lambda: wired(server.base).read("invoices"))
    assert server.connections == 2, "it was asked again, as often as allowed"


def test_a_drip_is_cut_off_under_encryption_too(
    serve: Serve, wired: Callable[..., Wire], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, public = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(public))
    for start in (b"HTT", OK_HEAD + b"Content-Length: 1000\r\n\r\n", OK_HEAD + b"\r\n{"):
        server = serve(drip(0.05, start), tls=context)
        wire = wired(server.base)
        assert "took longer than" in refused_with(Unavailable, partial(wire.read, "invoices"))


def test_what_was_cut_off_is_never_taken_for_a_whole_answer(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(drip(0.05, OK_HEAD + b"\r\n[]", b" "))
    refused_with(Unavailable, lambda: wired(server.base).read("invoices").rows())


@pytest.mark.parametrize(
    "answer",
    [
        OK_HEAD + b'Content-Length: 100\r\n\r\n{"id": 1}',
        OK_HEAD + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"id": 1}\r\n',
        OK_HEAD + b'Transfer-Encoding: chunked\r\n\r\n50\r\n{"id": 1}',
        OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        OK_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nrubb",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        OK_HEAD + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
    ids=[
        "short",
        "no last chunk",
        "half a chunk",
        "no chunk",
        "no gzip",
        "headers",
        "a long header",
        "ssh",
        "nothing",
    ],
)
def test_half_an_answer_is_no_answer(serve: Serve, wired: Callable[..., Wire], answer: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(answer)

    refused_with(Unavailable, lambda: wired(serve(script).base).read("invoices"))


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"", b"x" * 300_000),
        (b"Content-Encoding: gzip\r\n", gzip.compress(b"0" * 50_000_000)),
        (b"Content-Encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(b"0" * 50_000_000))),
        (b"Content-Encoding: deflate\r\n", zlib.compress(b"0" * 50_000_000)),
    ],
    ids=["plain", "gzip", "gzip in gzip", "deflate"],
)
def test_a_bomb_does_not_fill_the_memory(serve: Serve, wired: Callable[..., Wire], head: bytes, body: bytes) -> None:
    server = serve(OK_HEAD + head + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)
    slow = Bounds(answer_seconds=3, attempts=1, answer_bytes=100_000)
    said = refused_with(Unreadable, lambda: wired(server.base, bounds=slow).read("invoices"))
    assert "larger than 100,000 bytes" in said
    assert len(server.asked) == 1, "what is too large once is not asked for again"


def test_one_connection_serves_many_questions(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(GOOD)
    wire = wired(server.base)
    for _ in range(5):
        assert wire.read("invoices").record() == {"id": 1}
    assert (server.connections, wire.asked) == (1, 5)


def test_nobody_there_is_told_in_plain_words(wired: Callable[..., Wire]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    said = refused_with(Unavailable, lambda: wired(f"http://127.0.0.1:{port}").read("x", params={"name": "Huber"}))
    assert said == f"muster: GET 127.0.0.1:{port}/x: there is no connection"


# ---------------------------------------------------------------- encryption


@pytest.mark.parametrize(
    ("days", "host", "trusted", "says"),
    [
        (1, "127.0.0.1", False, "self-signed certificate"),
        (-1, "127.0.0.1", True, "certificate has expired"),
        (1, "tool.example", True, "IP address mismatch"),
    ],
    ids=["unknown authority", "expired", "another name"],
)
def test_a_certificate_that_cannot_be_trusted_gets_no_key(
    serve: Serve,
    wired: Callable[..., Wire],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    host: str,
    trusted: bool,
    says: str,
) -> None:
    context, public = certificate(tmp_path, days=days, host=host)
    if trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(public))
    server = serve(GOOD, tls=context)
    for ask in (lambda: wired(server.base).read("x"), lambda: wired(server.base).write("POST", "x")):
        assert says in refused_with(Refused, ask)
    assert server.asked == []


def test_a_private_authority_can_be_trusted(
    serve: Serve, wired: Callable[..., Wire], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, public = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(public))
    assert wired(serve(GOOD, tls=context).base).read("x").record() == {"id": 1}


def test_encryption_that_breaks_in_the_middle_of_a_write_leaves_it_uncertain(
    serve: Serve, wired: Callable[..., Wire], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, public = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(public))

    def hang_up(connection: socket.socket) -> None:
        connection.shutdown(socket.SHUT_RDWR)

    server = serve(hang_up, tls=context)
    refused_with(Uncertain, lambda: wired(server.base).write("POST", "payments", json={}))
    refused_with(Unavailable, lambda: wired(server.base).read("payments"))


@pytest.mark.parametrize(
    "base",
    [
        "http://tool.example",
        "ftp://tool.example",
        "tool.example",
        "https://",
        "https://user:password@tool.example",
        "https://tool.example?key=1",
        "https://[::1",
        "https://tool.example:99999",
        "https://tool example",
        "",
        "https://tool.example#part",
    ],
)
def test_an_address_that_would_give_the_key_away_is_refused(wired: Callable[..., Wire], base: str) -> None:
    refused_with(Refused, lambda: wired(base))


# ---------------------------------------------------------------- where the key goes


def moved(to: str, status: str = "302 Found") -> bytes:
    return http(b"", f"Location: {to}", status=status)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_redirect_takes_the_key_to_another_host(serve: Serve, wired: Callable[..., Wire], status: str) -> None:
    thief = serve(GOOD)
    honest = serve(moved(f"{thief.base}/x", status))
    assert "another host" in refused_with(Refused, lambda: wired(honest.base).read("x"))
    assert thief.asked == []


@pytest.mark.parametrize(
    "link",
    [
        "{thief}/next",
        "//127.0.0.1:{port}/next",
        "http://127.0.0.1:{port}\\@{honest}/next",
        "http://127.0.0.1:{port}/\\@{honest}/next",
        "http://{honest}@127.0.0.1:{port}/next",
        "http://{honest}:x@127.0.0.1:{port}/next",
        "http:\\\\127.0.0.1:{port}/next",
        "http://127.0.0.1:{port}#@{honest}/",
        "http://127.0.0.1:{port}?@{honest}/",
        "HTTP://127.0.0.1:{port}/next",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "http://",
    ],
)
def test_no_forged_link_takes_the_key_to_another_host(serve: Serve, wired: Callable[..., Wire], link: str) -> None:
    thief, honest = serve(GOOD), serve(GOOD)
    forged = link.format(thief=thief.base, port=thief.port, honest=f"127.0.0.1:{honest.port}")
    redirecting = serve(moved(forged))
    for base, path in ((honest.base, forged), (redirecting.base, "x")):
        with contextlib.suppress(ConnectorError):
            wired(base).read(path)
    assert thief.asked == []


def test_a_redirect_at_home_is_followed_with_the_key_and_without_the_old_question(
    serve: Serve, wired: Callable[..., Wire]
) -> None:
    server = serve(moved("/new?page=2"), GOOD)
    assert wired(server.base).read("old", params={"page": 1}).record() == {"id": 1}
    assert server.asked[1].startswith(b"GET /new?page=2 ")
    assert server.heads("Authorization") == [f"Bearer {KEY}"] * 2


def test_a_redirect_with_a_bomb_does_not_fill_the_memory(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(http(b"x" * 300_000, "Location: /new", status="302 Found"), GOOD)
    assert "larger than" in refused_with(Unreadable, lambda: wired(server.base).read("x"))


def test_redirects_in_circles_end(serve: Serve, wired: Callable[..., Wire]) -> None:
    assert "in circles" in refused_with(Refused, lambda: wired(serve(moved("/x")).base).read("x"))


@pytest.mark.parametrize(
    ("status", "becomes"),
    [("301 Moved", Refused), ("307 Temporary", Refused), ("302 Found", Uncertain), ("303 See Other", Uncertain)],
)
def test_a_write_is_never_sent_on(
    serve: Serve, wired: Callable[..., Wire], status: str, becomes: type[ConnectorError]
) -> None:
    server = serve(moved("/elsewhere", status))
    refused_with(becomes, lambda: wired(server.base).write("POST", "payments", json={"amount": 1}))
    assert len(server.asked) == 1


def test_no_netrc_file_puts_another_key_in_its_place(
    serve: Serve, wired: Callable[..., Wire], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(GOOD)
    wired(server.base).read("x")
    assert server.heads("Authorization") == [f"Bearer {KEY}"]


def test_no_cookie_is_kept(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(http(b"{}", "Set-Cookie: session=1; Path=/"), GOOD)
    wire = wired(server.base)
    wire.read("x")
    wire.read("x")
    assert server.heads("Cookie") == ["", ""]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_no_proxy_reads_what_is_not_encrypted(
    serve: Serve, wired: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy, server = serve(GOOD), serve(GOOD)
    monkeypatch.setenv(name, proxy.base)
    assert wired(server.base).read("x").record() == {"id": 1}
    assert proxy.asked == []


def test_a_proxy_of_encrypted_lines_sees_no_key(
    serve: Serve, wired: Callable[..., Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(http(b"", status="403 Forbidden"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.base)
    refused_with(Unavailable, lambda: wired("https://tool.example").read("x"))
    assert proxy.asked
    assert all(asked.startswith(b"CONNECT tool.example:443") and KEY.encode() not in asked for asked in proxy.asked)


def test_what_a_tool_may_not_set_is_a_mistake_of_its_author(wired: Callable[..., Wire]) -> None:
    for forbidden in ({"verify": False}, {"allow_redirects": True}, {"auth": None}, {"timeout": None}):
        with pytest.raises(TypeError, match="cannot be set"):
            wired("http://127.0.0.1:1").read("x", **forbidden)


# ---------------------------------------------------------------- secrets stay secret


@pytest.mark.parametrize(
    ("auth", "secret"),
    [
        (Bearer(Secret(KEY)), KEY),
        (Basic("me", Secret(KEY)), "bWU6czNjcmV0L2tleStvZj10aGUtb2ZmaWNl"),
        (HeaderKey("DOLAPIKEY", Secret(KEY), {"X-Other": Secret("another-secret")}), "another-secret"),
    ],
    ids=["bearer", "basic", "headers"],
)
@pytest.mark.parametrize("status", ["401 No", "403 No", "404 No", "409 No", "422 No", "500 No", "200 OK"])
def test_a_tool_that_says_the_key_back_does_not_make_us_say_it(
    serve: Serve, wired: Callable[..., Wire], auth: Any, secret: str, status: str
) -> None:
    server = serve(http(f'["wrong key: {secret}", "{secret}"]'.encode(), status=status))
    wire = wired(server.base, auth=auth, secrets=[Secret(KEY)])
    said = refused_with(ConnectorError, lambda: wire.read("x").record())
    assert secret not in said
    if not status.startswith("5"):
        assert "•••" in said


def test_the_words_and_troubles_of_a_tool_are_covered_as_well(serve: Serve, wired: Callable[..., Wire]) -> None:
    padded = "x" * 390 + KEY  # would be cut in the middle of the key
    manners = Manners(
        words=lambda answer: str(answer.record()["message"]),
        trouble=lambda answer: Refused(f"trouble with {answer.record()['message']}"),
    )
    for status in ("400 No", "200 OK"):
        body = json.dumps({"message": padded}).replace("/", "\\/")
        server = serve(http(body.encode(), status=status))
        said = refused_with(Refused, partial(wired(server.base, manners=manners).read, "x"))
        assert "s3cret" not in said


@pytest.mark.parametrize("broken", [f"{KEY}\r\nX: y", "schlüssel-des-büros", "\ufeffs3cret", "s3cret…"])
def test_a_secret_no_header_can_carry_is_refused_unsaid(
    serve: Serve, wired: Callable[..., Wire], broken: str
) -> None:
    server = serve(GOOD)
    wire = wired(server.base, auth=Bearer(Secret(broken)))
    for ask in (lambda: wire.read("x"), lambda: wire.write("POST", "x")):
        assert broken not in refused_with(Refused, ask)
    assert server.asked == []


def test_a_password_may_have_umlauts(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(GOOD)
    wired(server.base, auth=Basic("Jürgen", Secret("Geheimnis-ß"))).read("x")
    assert server.heads("Authorization") == ["Basic SsO8cmdlbjpHZWhlaW1uaXMtw58="]


def test_nothing_that_holds_a_secret_shows_it() -> None:
    secret = Secret(KEY)
    for one in (secret, Bearer(secret), Basic("me", secret), HeaderKey("X", secret, {"Y": secret})):
        assert KEY not in f"{one} {one!r} {[one]}"
    assert KEY not in secret.fingerprint()
    assert secret.fingerprint() != Secret("other").fingerprint()


def test_the_query_of_an_address_is_in_no_message(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(http(b"", status="500 No"))
    for ask in (
        lambda: wired(server.base).read("x", params={"name": "Huber"}),
        lambda: wired(server.base).read("x?name=Huber"),
        lambda: wired("http://127.0.0.1:1").read("x?name=Huber"),
    ):
        assert "Huber" not in refused_with(Unavailable, ask)


# ---------------------------------------------------------------- what a status means, and what is repeated


@pytest.mark.parametrize(
    ("status", "read", "write", "times"),
    [
        ("400 Bad", Refused, Refused, 1),
        ("401 No", Refused, Refused, 1),
        ("402 Pay", Refused, Refused, 1),
        ("403 No", Refused, Refused, 1),
        ("404 No", NotThere, NotThere, 1),
        ("410 Gone", NotThere, NotThere, 1),
        ("409 Conflict", Conflict, Conflict, 1),
        ("412 Changed", Conflict, Conflict, 1),
        ("422 No", Refused, Refused, 1),
        ("408 Late", Unavailable, Uncertain, 2),
        ("429 Slow", Throttled, Throttled, 2),
        ("500 Oh", Unavailable, Uncertain, 2),
        ("502 Oh", Unavailable, Uncertain, 2),
        ("503 Oh", Unavailable, Uncertain, 2),
        ("504 Oh", Unavailable, Uncertain, 2),
        ("599 Oh", Unavailable, Uncertain, 2),
    ],
)
def test_what_each_status_means(
    serve: Serve,
    wired: Callable[..., Wire],
    status: str,
    read: type[ConnectorError],
    write: type[ConnectorError],
    times: int,
) -> None:
    answer = http(b"<html>nginx</html>", "Content-Type: text/html", status=status)
    reading, writing = serve(answer), serve(answer)
    with pytest.raises(ConnectorError) as asked:
        wired(reading.base).read("x")
    with pytest.raises(ConnectorError) as told:
        wired(writing.base).write("POST", "x", json={})
    assert (type(asked.value), type(told.value)) == (read, write)
    assert len(reading.asked) == times
    assert len(writing.asked) == (2 if status.startswith("429") else 1), "a write is never told blindly again"
    assert "nginx" not in str(asked.value)


def test_a_write_with_a_key_of_its_own_is_repeated(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(http(b"", status="502 Oh"), GOOD)
    told = wired(server.base).write("POST", "x", repeatable=True, headers={"Idempotency-Key": "one"}, json={})
    assert told.record() == {"id": 1}
    assert server.heads("Idempotency-Key") == ["one", "one"]


def test_a_write_with_a_key_of_its_own_that_broke_every_time_is_uncertain(
    serve: Serve, wired: Callable[..., Wire]
) -> None:
    server = serve(http(b"", status="502 Oh"))
    refused_with(Uncertain, lambda: wired(server.base).write("POST", "x", repeatable=True, json={}))
    assert len(server.asked) == 2


def test_a_write_that_hangs_or_is_cut_off_is_uncertain(serve: Serve, wired: Callable[..., Wire]) -> None:
    for script in (drip(5.0), drip(0.05, OK_HEAD), drip(0.05, OK_HEAD + b"Content-Length: 99\r\n\r\n{")):
        server = serve(script)
        refused_with(Uncertain, partial(wired(server.base).write, "POST", "x", json={}))
        assert len(server.asked) == 1


def test_a_write_that_never_left_is_certain_not_to_be_done(wired: Callable[..., Wire]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ConnectorError) as told:
        wired(f"http://127.0.0.1:{port}").write("POST", "x", json={})
    assert type(told.value) is Unavailable


def test_a_write_that_got_no_turn_was_never_told(serve: Serve, wired: Callable[..., Wire]) -> None:
    class Locked(LocalLimiter):
        def turn(self, *_: object) -> float:
            raise Unavailable("the database is locked")

    server = serve(GOOD)
    with pytest.raises(ConnectorError) as told:
        wired(server.base, limiter=Locked()).write("POST", "x", json={})
    assert type(told.value) is Unavailable
    assert server.asked == []


def test_an_error_that_some_tools_call_slow_down_is_never_taken_for_that_after_a_write(
    serve: Serve, wired: Callable[..., Wire]
) -> None:
    manners = Manners(slow_down=frozenset({429, 500, 503}))
    server = serve(http(b"", status="500 Limit"), GOOD)
    refused_with(Uncertain, lambda: wired(server.base, manners=manners).write("POST", "x", json={}))
    assert wired(server.base, manners=manners).read("x").record() == {"id": 1}


def test_a_dead_connection_of_before_is_not_used_for_a_write(serve: Serve, wired: Callable[..., Wire]) -> None:
    server = serve(GOOD)
    wire = wired(server.base)
    wire.read("x")
    wire.write("POST", "x", json={})
    assert server.connections == 2


# ---------------------------------------------------------------- how a tool says "slow down"


NOW = "Date: Tue, 05 May 2026 00:30:00 GMT"
EPOCH = 1_777_941_000  # the same moment


@pytest.mark.parametrize(
    ("headers", "manners", "waits"),
    [
        (["Retry-After: 7"], Manners(), 7),
        (["Retry-After: 7.5"], Manners(), 7.5),
        ([NOW, "Retry-After: Tue, 05 May 2026 00:30:20 GMT"], Manners(), 20),
        ([NOW, "Retry-After: Tue, 05 May 2026 02:30:20 +0200"], Manners(), 20),
        ([NOW, "Retry-After: Tue, 05 May 2026 00:00:00 GMT"], Manners(), 0),
        ([NOW, f"Retry-After: {EPOCH + 12}"], Manners(retry_after=Clock.EPOCH), 12),
        ([NOW, f"Retry-After: {EPOCH}900"], Manners(retry_after=Clock.EPOCH_MILLISECONDS), 0.9),
        ([f"Retry-After: {EPOCH + 12}"], Manners(retry_after=Clock.EPOCH), None),  # nobody told what time it is
        ([NOW, f"X-Reset: {EPOCH + 5}"], "an epoch", 5),
        (["X-Left: 0", "X-Reset: 9", "Y-Left: 5", "Y-Reset: 9000"], "two quotas", 9),
        (["X-Left: 4", "X-Reset: 9", "Y-Left: 0", "Y-Reset: 20"], "two quotas", 20),
        (["X-Reset: 9", "Y-Reset: 9000"], "two quotas", 9),
        (["Retry-After: -5"], Manners(), 0),
        (["Retry-After: nan"], Manners(), None),
        (["Retry-After: inf"], Manners(), None),
        (["Retry-After: soon"], Manners(), None),
        (["Retry-After: Mon, 01 Jan 0001 00:00:00 +2300"], Manners(), None),
        ([NOW, "Retry-After: 99999999999999999999"], Manners(retry_after=Clock.EPOCH), None),
        ([], Manners(wait_in_words=lambda _: 3.0), 3),
        ([], Manners(), None),
    ],
)
def test_each_way_to_say_how_long(
    serve: Serve,
    wired: Callable[..., Wire],
    slept: list[float],
    headers: list[str],
    manners: Manners | str,
    waits: float | None,
) -> None:
    if isinstance(manners, str):
        two = (_quota("X"), _quota("Y"))
        epoch = (Quota(remaining="X-Left", reset="X-Reset", clock=Clock.EPOCH),)
        manners = Manners(quotas=epoch if manners == "an epoch" else two)
    server = serve(http(b"", *headers, status="429 Slow"), GOOD)
    wired(server.base, manners=manners).read("x")
    assert slept[0] == pytest.approx(1.0 + (waits or 0.0), abs=0.01), "and the ordinary pause of the first attempt"


def _quota(letter: str) -> Quota:
    return Quota(remaining=f"{letter}-Left", reset=f"{letter}-Reset")


def test_after_the_last_question_of_a_quota_everybody_rests(
    serve: Serve, wired: Callable[..., Wire], slept: list[float]
) -> None:
    server = serve(http(b"{}", "X-Left: 0", "X-Reset: 5"), http(b"{}", "X-Left: 3", "X-Reset: 5"))
    limiter = LocalLimiter()
    wired(server.base, manners=Manners(quotas=(_quota("X"),)), limiter=limiter).read("x")
    wired(server.base, limiter=limiter).read("x")
    assert slept == [pytest.approx(5, abs=0.5)]


def test_a_tool_that_wants_hours_of_rest_does_not_keep_the_night_waiting(
    serve: Serve, wired: Callable[..., Wire], slept: list[float]
) -> None:
    server = serve(http(b"", "Retry-After: 86400", status="429 Slow"), GOOD)
    wire = wired(server.base)
    refused_with(Throttled, lambda: wire.read("x"))
    assert "rest" in refused_with(Throttled, lambda: wire.read("x")), "not asked again before its time is over"
    assert (len(server.asked), slept) == (1, [])


def test_pauses_double_and_end(serve: Serve, wired: Callable[..., Wire], slept: list[float]) -> None:
    server = serve(http(b"", status="503 Oh"))
    many = Bounds(attempts=9, first_pause_seconds=1, longest_pause_seconds=20)
    refused_with(Unavailable, lambda: wired(server.base, bounds=many).read("x"))
    assert slept == [1, 2, 4, 8, 16, 20, 20, 20]


def test_the_environment_cannot_turn_encryption_checks_off(
    serve: Serve, wired: Callable[..., Wire], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, _ = certificate(tmp_path)
    for name in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")
    monkeypatch.setenv("CURL_CA_BUNDLE", "")
    assert os.environ["CURL_CA_BUNDLE"] == ""
    refused_with(Refused, lambda: wired(serve(GOOD, tls=context).base).read("x"))
