"""The client (HTTP-Verbindung): reads are repeated politely, writes never blindly, and errors say what to do."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay
from urllib3.exceptions import HTTPError

from connectors.wire.answer import Answer
from connectors.wire.breakage import distrusted, never_left, reason
from connectors.wire.deadline import CuttableAdapter, cut_after
from connectors.wire.manners import Manners, seconds_to_rest, seconds_to_wait
from connectors.wire.refusals import refusal
from connectors.wire.signing import Signing
from ledger.errors import ConnectorError, Refused, Throttled, Unavailable, Uncertain, Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from requests.auth import AuthBase
    from tenacity import RetryCallState

    from connectors.wire.limiter import Limiter, Rate
    from connectors.wire.secret import Secret

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_DONE_LOOK_THERE: Final = frozenset({302, 303})  # what many programs answer to a write that was done
_QUESTION: Final = frozenset({"params", "data", "json", "headers", "files"})  # certificates are not up to a tool
_BROKEN: Final = (requests.RequestException, HTTPError, OSError)
_STRAIGHT: Final = {"http": ""}  # without encryption a proxy would read the key
_MOST_REDIRECTS: Final = 5
_CHUNK: Final = 65_536
_USER_AGENT: Final = "Kontorist"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one question may cost: nobody outside can keep a night waiting, or fill the memory."""

    connect_seconds: float = 10.0
    silence_seconds: float = 60.0  # between two bytes
    answer_seconds: float = 180.0  # one answer, from the first byte sent to the last one read
    question_seconds: float = 900.0  # one question with all its repetitions and pauses
    attempts: int = 6
    answer_bytes: int = 64 * 1024 * 1024  # after decompression
    first_pause_seconds: float = 1.0  # doubled with every attempt, and jittered
    longest_pause_seconds: float = 60.0  # unless the tool asks for more


class Wire:
    """Talks to one tool with one credential. Not for several threads at once.

    ``credential`` is the fingerprint under which all processes share the tool's rate limit; ``secrets`` are the words
    that no message may hold, beside those that ``auth`` puts into the headers. ``sleep`` and ``jitter`` are given by
    tests, which have no time.
    """

    def __init__(
        self,
        *,
        tool: str,
        base: str,
        auth: AuthBase,
        credential: str,
        rate: Rate,
        limiter: Limiter,
        manners: Manners | None = None,
        bounds: Bounds | None = None,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[Secret] = (),
        allow_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.tool = tool
        self.base = _checked(tool, base, allow_http=allow_http)
        self._origin = _origin(self.base)
        self._credential, self._rate, self._limiter = credential, rate, limiter
        self._manners, self._bounds = manners or Manners(), bounds or Bounds()
        self._sleep, self._jitter = sleep, jitter
        self._adapter, self._signing = CuttableAdapter(), Signing(tool, auth, secrets)
        self._session = _Session()
        # Ours, so that no .netrc file of the machine puts another one in its place.
        self._session.auth = self._signing
        self._session.headers.update({"User-Agent": _USER_AGENT, "Accept": "application/json", **(headers or {})})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.mount("https://", self._adapter)
        self._session.mount("http://", self._adapter)

    @property
    def asked(self) -> int:
        """Questions sent, repetitions included."""
        return self._signing.sent

    def read(self, path: str, *, method: str = "GET", **question: Any) -> Answer:
        """Ask a question that changes nothing; repeat it while the tool is unavailable or asks us to slow down.

        ``question`` takes what requests takes: params, json, data, headers. Raises Unavailable when all attempts were
        in vain, Refused (NotThere, Conflict) and Unreadable at once.
        """
        return self._repeated(lambda: self._ask(method, path, question))

    def write(self, method: str, path: str, *, repeatable: bool = False, **question: Any) -> Answer:
        """Tell the tool something, once.

        ``repeatable`` is for writes that carry an idempotency key. Everything else is repeated only where it surely
        was not taken: after 429, not after an error of the tool, even if it calls that "slow down". Raises Uncertain
        when nobody knows whether it was done: then look before telling it again.
        """
        if repeatable:
            return self._repeated(lambda: self._tell(method, path, question), only=(Unavailable, Uncertain))
        self.close()  # a connection that rested may be dead, and then nobody would know
        return self._repeated(lambda: self._tell(method, path, question), only=(Throttled,))

    def close(self) -> None:
        """Hang up; the next question opens a new connection."""
        self._session.close()

    def url(self, path: str) -> str:
        """Give the whole address; refuse one that leads to another host, as a forged link to a next page would."""
        address = path if path.startswith(("http://", "https://")) else f"{self.base}/{path.lstrip('/')}"
        try:
            origin = _origin(address)
        except (*_BROKEN, ValueError):
            raise Refused(f"{self.tool}: an answer leads nowhere; our key was not sent there") from None
        if origin != self._origin:
            raise Refused(
                f"{self.tool}: an answer leads to another host, {origin[1]}; our key was not sent there\n"
                "    Check the address in the configuration."
            )
        return address

    def _repeated(self, ask: Callable[[], Answer], only: tuple[type[ConnectorError], ...] = (Unavailable,)) -> Answer:
        bounds = self._bounds
        return Retrying(
            retry=retry_if_exception_type(only),
            stop=stop_after_attempt(bounds.attempts) | stop_after_delay(bounds.question_seconds),
            wait=self._pause,
            sleep=self._sleep,
            reraise=True,
        )(ask)

    def _pause(self, state: RetryCallState) -> float:
        """Wait as long as the tool asks, at least; otherwise twice as long each time, by chance a little less."""
        bounds, error = self._bounds, state.outcome.exception() if state.outcome else None
        longest = min(bounds.first_pause_seconds * 2.0 ** (state.attempt_number - 1), bounds.longest_pause_seconds)
        pause = longest * (0.5 + self._jitter() / 2)
        if not isinstance(error, Throttled) or error.wait_seconds is None:
            return pause
        if (state.seconds_since_start or 0.0) + error.wait_seconds > bounds.question_seconds:
            raise error  # it would be over before the tool wants to hear from us again
        return error.wait_seconds + pause

    def _ask(self, method: str, path: str, question: Mapping[str, Any]) -> Answer:
        try:
            return self._sent(method, path, question)
        except _BROKEN as error:
            raise self._broken(error, self._place(method, path)) from None

    def _tell(self, method: str, path: str, question: Mapping[str, Any]) -> Answer:
        sent = self.asked
        try:
            return self._sent(method, path, question, telling=True)
        except _BROKEN as error:
            broken = self._broken(error, self._place(method, path))
            if isinstance(broken, Refused) or never_left(error):
                raise broken from None
            raise _uncertain(broken) from None
        except Throttled:
            raise
        except Unavailable as error:  # the tool, or something before it, failed while it worked on it
            if self.asked == sent:  # no turn was to be had, or no token
                raise
            raise _uncertain(error) from None

    def _sent(self, method: str, path: str, question: Mapping[str, Any], *, telling: bool = False) -> Answer:
        address = self.url(path)
        for _ in range(_MOST_REDIRECTS):
            answer = self._one(method, address, question)
            if answer.status not in _REDIRECTS:
                return self._judged(answer, telling=telling)
            if telling and answer.status in _DONE_LOOK_THERE:
                raise _uncertain(f"{answer.place}: the tool sends us elsewhere ({answer.status})")
            if method not in {"GET", "HEAD"}:
                raise Refused(
                    f"{answer.place}: the tool sends us elsewhere ({answer.status}); nothing is written on a detour\n"
                    "    Check the address in the configuration."
                )
            address = self.url(_joined(address, answer.headers.get("Location", "")))
            question = {key: value for key, value in question.items() if key != "params"}
        raise Refused(f"{self._place(method, path)}: the tool sends us round in circles; check its address")

    def _one(self, method: str, address: str, question: Mapping[str, Any]) -> Answer:
        if unknown := question.keys() - _QUESTION:
            raise TypeError(f"{self.tool}: {sorted(unknown)} cannot be set for one question")
        self._wait_for_turn()
        bounds = self._bounds
        with cut_after(bounds.answer_seconds, self._adapter) as over:
            try:
                answer = self._answered(method, address, question)
            except _BROKEN:
                if not over.is_set():
                    raise
            else:
                if not over.is_set():  # a cut looks like the end of an answer that does not tell its length
                    return answer
        raise requests.Timeout(f"the answer took longer than {bounds.answer_seconds:.0f} s")

    def _wait_for_turn(self) -> None:
        wait = self._limiter.turn(self._credential, self._rate)
        if wait > self._bounds.question_seconds:
            error = Throttled(f"{self.tool}: the tool asked us to rest, for another {wait:.0f} seconds")
            error.wait_seconds = wait
            raise error
        if wait > 0:
            self._sleep(wait)

    def _answered(self, method: str, address: str, question: Mapping[str, Any]) -> Answer:
        bounds = self._bounds
        with self._session.request(
            method,
            address,
            timeout=(bounds.connect_seconds, bounds.silence_seconds),
            allow_redirects=False,
            stream=True,
            proxies=dict(_STRAIGHT),
            **question,
        ) as response:
            place = self._place(method, address)
            body = _body(response, place, bounds)
            return Answer(response.status_code, response.headers, body, place, self._signing.hidden)

    def _judged(self, answer: Answer, *, telling: bool = False) -> Answer:
        """Give a good answer; raise for every other one, and let everybody rest where the tool asks for it."""
        error: ConnectorError | None
        if answer.status in self._manners.slow_down and not (telling and answer.status >= 500):
            error = Throttled(f"{answer.place}: the tool asks us to slow down ({answer.status})")
        elif answer.status >= 400:
            error = refusal(answer, self._manners)
        else:
            error = self._manners.trouble(answer) if self._manners.trouble else None
        if isinstance(error, Throttled):
            error.wait_seconds = seconds_to_wait(answer, self._manners)
            self._limiter.pause(self._credential, error.wait_seconds or self._rate.interval)
        elif rest := seconds_to_rest(answer, self._manners):
            self._limiter.pause(self._credential, rest)
        if error is not None:
            error.args = (answer.covered(str(error)),)
            raise error
        return answer

    def _broken(self, error: BaseException, place: str) -> ConnectorError:
        """Give what a broken connection means: Refused where the other side is not who it should be."""
        if why := distrusted(error):
            return Refused(
                f"{self.tool}: the certificate of {urlsplit(self.base).netloc} cannot be trusted ({why})\n"
                "    Check the address; for a private authority set REQUESTS_CA_BUNDLE to its certificate."
            )
        return Unavailable(f"{place}: {reason(error)}")

    def _place(self, method: str, path: str) -> str:
        parts = urlsplit(path if "://" in path else f"{self.base}/{path.lstrip('/')}")
        return f"{self.tool}: {method} {parts.netloc}{parts.path}"


class _Session(requests.Session):
    """A session that never looks where a redirect leads: the library would read its body without any bound."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is none; the wire follows redirects itself."""


def _checked(tool: str, base: str, *, allow_http: bool) -> str:
    try:
        _origin(base)
        parts = urlsplit(base)
    except (*_BROKEN, ValueError):
        raise Refused(f"{tool}: {base!r} is no address; write https://host or https://host/path") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused(f"{tool}: {base!r} is no address; write https://host or https://host/path")
    if parts.username or parts.password:
        raise Refused(f"{tool}: the address holds a user or a password; name them in settings of their own")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not allow_http:
        raise Refused(
            f"{tool}: {base} is not encrypted, and everybody on the way could read the key\n"
            "    Write https://, or allow_http = true for a tool inside your own network."
        )
    if parts.query or parts.fragment:
        raise Refused(f"{tool}: {base!r} is no address of a tool; leave out everything from ? or # on")
    return base.rstrip("/")


def _joined(address: str, link: str) -> str:
    """Give where a link leads; one that leads nowhere is refused later, as what it is."""
    try:
        return urljoin(address, link)
    except ValueError:
        return "https://"


def _origin(address: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port as the library will understand them; other readers may see another host."""
    request = requests.models.PreparedRequest()
    request.prepare_url(address, None)
    parts = urlsplit(str(request.url))
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _body(response: requests.Response, place: str, bounds: Bounds) -> bytes:
    """Read the body as it comes, so that neither its size nor its slowness can surprise."""
    parts, size = [], 0
    while chunk := response.raw.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > bounds.answer_bytes:
            raise Unreadable(
                f"{place}: the answer is larger than {bounds.answer_bytes:,} bytes; it was not read on\n"
                "    Ask for less in one question, or look whether this is the tool at all."
            )
        parts.append(chunk)
    return b"".join(parts)


def _uncertain(error: ConnectorError | str) -> Uncertain:
    return Uncertain(f"{error}; nobody knows whether it was done")
