"""What the suite must be given of a tool, and the faults it makes out of a tool's good answers."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import responses

from connectors.accounting import TOOLS
from connectors.accounting.template import Template
from connectors.wire import Bounds, LocalLimiter, Secret
from connectors.wire.line import Line
from connectors.wire.oauth import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from requests import PreparedRequest

    from connectors.wire.settings import SecretSettings, ToolSettings

SECRET = "s3cret-key-of-the-office"


class Reply(NamedTuple):
    """What a tool answers: status, headers, body."""

    status: int
    headers: dict[str, str]
    body: bytes | str


_SLOW_DOWN: Final = Reply(429, {"Retry-After": "1"}, "")
_REFUSED: Final = Reply(401, {}, "{}")


@dataclass(frozen=True, kw_only=True)
class Given:
    """All that the suite must know of a tool; written in ``given_<kind>.py`` as ``GIVEN``.

    ``make`` gives a fresh small fake of the tool with so many open invoices, all different, of one customer; it
    answers whatever a whole pull asks. It is a function of the request: ``Reply(status, headers, body)``.
    """

    settings: ToolSettings  # as somebody would write them; secrets are read from anywhere
    make: Callable[[int], Callable[[PreparedRequest], Reply]]
    # Where the rows of a list lie in an answer: "items", "data.rows"; "" where the body itself is the list.
    rows: str
    page: int = 0  # rows of a page of open documents; 0 where that is more than a test should make
    slow_down: Reply = _SLOW_DOWN  # how this very tool says it
    refused: Reply = _REFUSED  # how it says that the key is wrong
    # Statuses that do not mean here what they mean elsewhere, such as 404 for an empty list.
    meant_otherwise: frozenset[int] = frozenset()


@dataclass
class Sleeps:
    """Waits for nobody, and remembers how long it would have."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class OneToken:
    """A store of tokens that are good for an hour, for tools that want OAuth."""

    def load(self) -> Tokens:
        """Give the token that everything signs with."""
        return Tokens(access=Secret(SECRET), refresh=Secret(SECRET), seconds_left=3_600)

    def replace(self, renew: Callable[[Tokens | None], Tokens]) -> Tokens:
        """Renew, and forget."""
        return renew(self.load())


def line_for(sleep: Callable[[float], None], bounds: Bounds | None = None) -> Line:
    """Give a line whose every secret is the same, and on which nobody really waits."""

    def secret(_settings: SecretSettings, _setting: str) -> Secret:
        return Secret(SECRET)

    return Line(
        secret=secret,
        limiter=LocalLimiter(),
        tokens=OneToken(),
        sleep=sleep,
        bounds=bounds or Bounds(attempts=3),
    )


class Tried(NamedTuple):
    """A tool that the suite tries."""

    kind: str
    tool: Any  # its class
    given: Given


def tools_to_try(left_out: frozenset[str]) -> list[Tried]:
    """Give the template, and every tool of the table that is described."""
    found = [Tried("template", Template, _given("template"))]
    for kind, tool in TOOLS.items():
        if kind != "file" and kind not in left_out:
            found.append(Tried(kind, tool, _given(kind)))
    return found


def is_described(kind: str) -> bool:
    """Whether there is a description of a tool."""
    return importlib.util.find_spec(_module(kind)) is not None


def _module(kind: str) -> str:
    return f"tests.connectors.accounting.conformance.given_{kind}"


def _given(kind: str) -> Given:
    try:
        given = importlib.import_module(_module(kind)).GIVEN
    except ModuleNotFoundError:
        raise AssertionError(
            f"{kind} is in connectors.accounting.TOOLS, and nobody has described it to the conformance suite:\n"
            f"write tests/connectors/accounting/conformance/given_{kind}.py with GIVEN = Given(settings=…, make=…, "
            "rows=…);\ngiven_template.py is an example, and given.py says what each part means."
        ) from None
    assert isinstance(given, Given), kind
    return given


@contextmanager
def answering(fake: Callable[[PreparedRequest], Reply]) -> Iterator[responses.RequestsMock]:
    """Let a fake answer everything that is asked, wherever it is asked."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            mock.add_callback(method, re.compile(".*"), callback=fake)
        yield mock


class Faulty:
    """A fake that is good until a question, and then answers with a fault: once, or for good."""

    def __init__(
        self, fake: Callable[[PreparedRequest], Reply], fault: Reply, *, at: int = 0, times: int = 1_000_000
    ) -> None:
        self.asked = 0
        self._fake, self._fault, self._faulty = fake, fault, range(at, at + times)

    def __call__(self, request: PreparedRequest) -> Reply:
        """Answer one question."""
        self.asked += 1
        return self._fault if self.asked - 1 in self._faulty else self._fake(request)


def with_rows(given: Given, reply: Reply, change: Callable[[list[Any]], list[Any]]) -> Reply:
    """Change the rows of a list; whatever else a tool answers stays as it is."""
    try:
        body = json.loads(reply.body, parse_float=Decimal)
    except ValueError:
        return reply
    whole = {"": body}
    place: Any = whole
    *outer, last = ["", *given.rows.split(".")] if given.rows else [""]
    for name in outer:
        place = place.get(name) if isinstance(place, dict) else None
    if not isinstance(place, dict) or not isinstance(place.get(last), list):
        return reply
    place[last] = change(place[last])
    return reply._replace(body=json.dumps(whole[""], default=_number))


def changed(
    given: Given, fake: Callable[[PreparedRequest], Reply], change: Callable[[list[Any]], list[Any]]
) -> Callable[[PreparedRequest], Reply]:
    """Give the fake with all its lists changed."""
    return lambda request: with_rows(given, fake(request), change)


def with_header(
    fake: Callable[[PreparedRequest], Reply], name: str, value: str | None
) -> Callable[[PreparedRequest], Reply]:
    """Give the fake with another header, or without it."""

    def answer(request: PreparedRequest) -> Reply:
        reply = fake(request)
        headers = {key: said for key, said in reply.headers.items() if key.lower() != name.lower()}
        return reply._replace(headers=headers | ({} if value is None else {name: value}))

    return answer


def moved_to(line: Line, base: str) -> Line:
    """Give a line that leads to another server, whatever address a tool has."""

    class Elsewhere(Line):
        def wire(self, **question: Any) -> Any:
            return super().wire(**{**question, "base": base, "allow_http": True})

    return Elsewhere(**{name: getattr(line, name) for name in ("secret", "limiter", "tokens", "sleep", "bounds")})


def _number(value: object) -> float:
    assert isinstance(value, Decimal)
    return float(value)
