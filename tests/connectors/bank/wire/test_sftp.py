"""Statements by SFTP, from a real server: whole, once, from the right server, and nothing there is lost."""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import paramiko
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import ValidationError

from connectors.bank.wire import Fetched, Sftp, SftpSettings
from connectors.bank.wire.sftp_key import fingerprint
from connectors.wire.secret import Secret
from ledger.errors import Refused, Unavailable
from tests.connectors.bank.wire.sftp_server import Served, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.wire.settings import SecretSettings
    from ledger.finding import Finding

NO_SERVER = "SHA256:" + "A" * 43


def written_key(passphrase: str = "") -> str:
    """Write a new Ed25519 key as ssh-keygen would."""
    closed = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, closed).decode()


def opened(written: str, passphrase: str | None = None) -> paramiko.PKey:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(written), passphrase)


@cache
def host_keys() -> tuple[paramiko.PKey, ...]:
    return opened(written_key()), paramiko.ECDSAKey.generate(), paramiko.RSAKey.generate(2048)


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[Served]:
    root = tmp_path / "server"
    root.mkdir()
    with serve(root, [host_keys()[0]]) as served:
        yield served


class Office:
    """Our side: an inbox, what was remembered, and secrets by the name of their setting."""

    def __init__(self, inbox: Path, served: Served) -> None:
        self.inbox, self.served = inbox, served
        self.seen: dict[str, Fetched] = {}
        self.secrets = {"password": "geheim"}
        self.between: Any = lambda: None  # what happens between two looks
        inbox.mkdir()

    def sftp(self, **settings: Any) -> Sftp:
        given = {
            "kind": "sftp",
            "name": "bank",
            "inbox": self.inbox,
            "host": "127.0.0.1",
            "port": self.served.port,
            "user": "muster",
            "host_keys": self.served.fingerprints[:1],
            **{name: {"env": name} for name in self.secrets},
        }
        return Sftp(settings=SftpSettings(**given | settings), secret=self._secret, sleep=lambda _: self.between())

    def _secret(self, settings: SecretSettings, setting: str) -> Secret:
        assert settings.env == setting
        return Secret(self.secrets[setting])

    def fetch(self, **settings: Any) -> list[Finding]:
        return self.sftp(**settings).fetch(self.inbox, self.seen, self.remember)

    def remember(self, file: Fetched) -> None:
        assert not [path for path in self.inbox.iterdir() if path.suffix == ".part"]  # what is remembered lies there
        self.seen = {**self.seen, file.name: file}

    def got(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.inbox.iterdir())}


@pytest.fixture(name="office")
def _office(tmp_path: Path, server: Served) -> Office:
    return Office(tmp_path / "inbox", server)


def lay(server: Served, name: str, content: bytes = b":20:STARTUMSE", at: int = 1_782_864_000) -> None:
    path = server.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (at, at))


# --- What is fetched ------------------------------------------------------------------------------------------------


def test_each_statement_is_fetched_whole_and_once(office: Office, server: Served) -> None:
    large = os.urandom(1_500_000)
    lay(server, "2026-06-30_C53.xml", large)
    lay(server, "2026-07-01.sta")
    assert office.fetch() == []
    assert office.got() == {"2026-06-30_C53.xml": large, "2026-07-01.sta": b":20:STARTUMSE"}
    for path in office.inbox.iterdir():
        path.unlink()  # the night read and archived them
    server.reads = 0
    assert office.fetch() == []
    assert office.got() == {}
    assert server.reads == 0
    assert sorted(path.name for path in server.root.iterdir()) == ["2026-06-30_C53.xml", "2026-07-01.sta"]


def test_only_what_is_looked_for_is_fetched(office: Office, server: Served) -> None:
    for name in ("06/C53_1.xml", "06/C52_1.xml", "06/C53_2.xml.part", "06/.C53_3.xml", "06/C53_4.XML", "06/__MACOSX"):
        lay(server, name)
    lay(server, "06/C53_empty.xml", b"")
    (server.root / "06/C53_folder.xml").mkdir()
    assert office.fetch(folder="06", patterns=["*C53*.xml"]) == []
    assert [*office.got()] == ["C53_1.xml"]


def test_a_file_that_the_bank_writes_anew_is_fetched_again_and_a_mere_touch_is_not_laid_again(
    office: Office, server: Served
) -> None:
    lay(server, "today.sta", b"morning")
    office.fetch()
    lay(server, "today.sta", b"evening, longer")
    office.fetch()
    assert sorted(office.got().values()) == [b"evening, longer", b"morning"]  # neither is overwritten
    lay(server, "today.sta", b"evening, longer", at=1_782_900_000)
    lay(server, "copy.sta", b"evening, longer")
    assert office.fetch() == []
    assert len(office.got()) == 2
    assert office.seen["today.sta"].modified_at == 1_782_900_000


def test_a_file_that_grows_between_two_looks_waits_for_the_next_night(office: Office, server: Served) -> None:
    lay(server, "half.xml", b"<Document>")
    lay(server, "whole.xml", b"<Document/>")
    office.between = lambda: lay(server, "half.xml", b"<Document></Document>")
    (finding,) = office.fetch()
    assert (finding.code, finding.place) == ("file_not_fetched", "bank: half.xml")
    assert [*office.got()] == ["whole.xml"]
    office.between = lambda: None
    assert office.fetch() == []
    assert office.got()["half.xml"] == b"<Document></Document>"


def test_a_file_that_changes_while_it_is_read_is_left_for_the_next_night(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"x" * 100_000)
    server.on_read = lambda _: lay(server, "a.xml", b"y" * 100_001)
    (finding,) = office.fetch()
    assert "changed while it was fetched" in finding.what
    assert office.got() == {}
    assert office.seen == {}


def test_a_file_that_is_too_large_is_told_and_not_read(office: Office, server: Served) -> None:
    lay(server, "huge.xml", b"x" * 1_100_000)
    lay(server, "small.xml", b"x")
    (finding,) = office.fetch(largest_mb=1)
    assert "largest_mb allows 1 MB" in finding.what
    assert [*office.got()] == ["small.xml"]


@pytest.mark.parametrize(
    "name", ["06/../../kontorist.toml", "06\\..\\kontorist.toml", "/etc/passwd", "a\nb.xml", "a\x1b[2J.xml"]
)
def test_a_name_that_leads_elsewhere_is_told_and_not_followed(office: Office, server: Served, name: str) -> None:
    lay(server, "good.xml")
    server.names = {name: "good.xml", "../inbox/of_another.xml": "good.xml"}  # what is hidden is not even told
    (finding,) = office.fetch()
    assert finding.code == "file_not_fetched"
    assert finding.place.isprintable()
    assert [*office.got()] == ["good.xml"]
    assert sorted(path.name for path in office.inbox.parent.iterdir()) == ["inbox", "server"]


def test_a_name_that_this_machine_cannot_bear_is_changed(office: Office, server: Served) -> None:
    lay(server, "Auszug 1:2?.xml", b"content")
    lay(server, "archive", b"of a name that the inbox needs itself")
    assert office.fetch() == []
    assert [*office.got()] == ["Auszug 1_2_.xml", "_archive"]


def test_links_are_told_and_not_followed(office: Office, server: Served, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (server.root / "link.xml").symlink_to(tmp_path / "secret")
    (finding,) = office.fetch()
    assert "a link" in finding.what
    assert office.got() == {}


def test_one_file_that_the_server_does_not_give_keeps_none_of_the_others_back(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"a")
    lay(server, "b.xml", b"b")
    server.refuses_to_open = frozenset({"a.xml"})
    (finding,) = office.fetch()
    assert (finding.place, [*office.got()]) == ("bank: a.xml", ["b.xml"])


# --- What becomes of the files there --------------------------------------------------------------------------------


def test_what_was_fetched_is_moved_where_that_is_wished(office: Office, server: Served) -> None:
    lay(server, "done/a.xml", b"of last year")
    lay(server, "a.xml", b"a")
    lay(server, "b.xml", b"b")
    assert office.fetch(after="move:done") == []
    assert office.got() == {"a.xml": b"a", "b.xml": b"b"}
    there = {str(path.relative_to(server.root)): path.read_bytes() for path in server.root.rglob("*.xml")}
    kept = there.pop(next(name for name in there if name.startswith("done/a-")))
    assert (kept, there) == (b"a", {"done/a.xml": b"of last year", "done/b.xml": b"b"})


def test_what_cannot_be_moved_is_told_fetched_once_and_tried_again(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"a")
    for _ in range(2):
        (finding,) = office.fetch(after="move:done")
        assert finding.code == "fetched_file_not_moved"
    assert [*office.got()] == ["a.xml"]
    (server.root / "done").mkdir()
    assert office.fetch(after="move:done") == []
    assert (server.root / "done/a.xml").read_bytes() == b"a"


def test_a_file_that_changed_after_it_was_fetched_is_not_moved_unread(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"morning")
    remember = office.remember
    sftp = office.sftp(after="move:done")
    (server.root / "done").mkdir()

    def slow(file: Fetched) -> None:
        remember(file)
        lay(server, "a.xml", b"evening")
        os.utime(server.root / "a.xml", (1, 1))

    assert sftp.fetch(office.inbox, {}, slow) == []
    assert (server.root / "a.xml").read_bytes() == b"evening"


# --- Who the server is, and who we are ------------------------------------------------------------------------------


def test_a_server_with_another_key_gets_neither_password_nor_question(office: Office, server: Served) -> None:
    lay(server, "a.xml")
    with pytest.raises(Refused) as told:
        office.fetch(host_keys=[NO_SERVER])
    assert f"{server.fingerprints[0]} (ssh-ed25519)" in str(told.value)
    assert "host_keys" in str(told.value)
    assert (server.tried, server.lists, office.got()) == ([], 0, {})


@pytest.mark.parametrize("pinned", range(3), ids=["Ed25519", "ECDSA", "RSA"])
def test_a_server_is_known_by_any_of_its_keys(tmp_path: Path, pinned: int) -> None:
    (tmp_path / "server").mkdir()
    with serve(tmp_path / "server", [*host_keys()]) as served:
        office = Office(tmp_path / "inbox", served)
        assert "0 files" in office.sftp(host_keys=[NO_SERVER, served.fingerprints[pinned]]).check()


def test_a_key_lets_us_in(office: Office, server: Served) -> None:
    office.secrets = {"key": written_key()}
    server.public_key = opened(office.secrets["key"])
    assert "lets us in; 0 files in . are looked for" in office.sftp().check()


def test_a_key_that_is_closed_by_a_passphrase_needs_it(office: Office, server: Served) -> None:
    written = written_key("sesam")
    server.public_key = opened(written, "sesam")
    office.secrets = {"key": written.strip(), "key_passphrase": "sesam"}
    assert office.fetch() == []
    office.secrets = {"key": written}
    with pytest.raises(Refused, match="name it with key_passphrase"):
        office.fetch()
    office.secrets = {"key": written, "key_passphrase": "falsch"}
    with pytest.raises(Refused, match="does not open it") as told:
        office.fetch()
    assert written.splitlines()[2] not in str(told.value)


def test_a_server_may_want_both_key_and_password(office: Office, server: Served) -> None:
    office.secrets = {"key": written_key(), "password": "geheim"}
    server.public_key, server.wants_both = opened(office.secrets["key"]), True
    assert office.fetch() == []
    assert server.tried[-1] == "password"
    del office.secrets["password"]
    with pytest.raises(Refused, match="wants a password as well"):
        office.fetch()


def test_a_wrong_password_is_told_without_it(office: Office, server: Served) -> None:
    office.secrets = {"password": "falsch-falsch"}
    with pytest.raises(Refused, match="does not let muster in") as told:
        office.fetch()
    assert "falsch-falsch" not in str(told.value)
    assert server.tried.count("password") <= 2


def test_something_else_than_a_key_is_refused_without_showing_it(office: Office) -> None:
    office.secrets = {"key": "not-a-key-but-secret"}
    with pytest.raises(Refused, match="no private key") as told:
        office.fetch()
    assert "not-a-key-but-secret" not in str(told.value)


# --- Servers that are slow, down or strange -------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="the folder nowhere cannot be read: No such file"):
        office.fetch(folder="nowhere")


def test_a_name_that_is_not_in_utf_8_is_told(office: Office, server: Served) -> None:
    lay(server, "a.xml")
    server.names = {"Ausz\udcfcge.xml": "a.xml"}
    with pytest.raises(Refused, match="not in UTF-8"):
        office.fetch()


def test_a_folder_without_an_end_is_refused(office: Office, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.bank.wire.sftp._MOST_FILES", 2)
    for name in "abc":
        lay(server, name)
    with pytest.raises(Refused, match="holds more than 2 files"):
        office.fetch()


def test_a_missing_inbox_is_told_before_anybody_is_asked(office: Office, server: Served) -> None:
    office.inbox.rmdir()
    with pytest.raises(Refused, match="inbox folder does not exist"):
        office.fetch()
    assert server.tried == []


def test_a_server_that_is_down_is_unavailable(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="cannot be reached: Connection refused"):
        office.fetch(port=port)


def test_something_else_than_ssh_is_unavailable(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_says, args=(listener, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        thread.start()
        with pytest.raises(Unavailable, match="cannot be reached"):
            office.fetch(port=listener.getsockname()[1], silence_seconds=1)
        thread.join()


def _says(listener: socket.socket, words: bytes) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.sendall(words)


def test_a_server_that_falls_silent_is_given_up_and_what_came_before_stays(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"a")
    lay(server, "b.xml", b"b" * 100_000)
    gate = threading.Event()

    def silent_in_the_middle(offset: int) -> None:
        if offset:
            gate.wait(5)

    server.on_read = silent_in_the_middle
    with pytest.raises(Unavailable, match="fell silent"):
        office.fetch(silence_seconds=0.5)
    gate.set()
    assert [*office.got()] == ["a.xml"]
    assert [*office.seen] == ["a.xml"]


def test_a_server_that_drips_is_cut_off(office: Office, server: Served) -> None:
    lay(server, "a.xml", b"a" * 2_000_000)
    over = threading.Event()

    def dripping(_: int) -> None:
        over.wait(0.1)

    server.on_read = dripping
    began = time.monotonic()
    with pytest.raises(Unavailable, match=r"took longer than 0\.02 minutes"):
        office.fetch(longest_minutes=0.02)
    over.set()
    assert time.monotonic() - began < 5
    assert office.got() == {}


# --- Settings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"host_keys": []}, "at least 1 item"),
        ({"host_keys": ["5c:0f:aa"]}, "is no fingerprint"),
        ({"password": None}, "name a key or a password"),
        ({"key_passphrase": {"env": "X"}}, "name the key"),
        ({"after": "delete"}, "cannot be done"),
        ({"after": "move:"}, "cannot be done"),
        ({"after": "move:.."}, "cannot be done"),
        ({"name": "Bank"}, "pattern"),
    ],
)
def test_a_mistake_in_the_settings_is_told(office: Office, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        office.sftp(**settings)


def test_a_fingerprint_is_written_as_ssh_keygen_does() -> None:
    key = host_keys()[0]
    assert fingerprint(key) == key.fingerprint
