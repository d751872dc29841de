"""The key of an office, and the tokens that it seals."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from config.token_store import KEY_FILE, TokensOfSource, make_key
from connectors.wire import Secret
from connectors.wire.oauth import Tokens
from ledger.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


@dataclass
class Folder:
    """As much of an office as a key needs."""

    base: Path

    def resolve(self, path: Path) -> Path:
        return self.base / path


def tokens_of(office: Any, engine: Engine) -> TokensOfSource:
    """Give the tokens of a source."""
    return TokensOfSource(office=office, engine=engine, company_id="muster", source="xero")


def tokens() -> Tokens:
    """Give some tokens."""
    return Tokens(access=Secret("access-one"), refresh=Secret("refresh-one"), seconds_left=1_000)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    office: Any = Folder(tmp_path)
    make_key(office)
    first = (tmp_path / KEY_FILE).read_bytes()
    make_key(office)
    assert (tmp_path / KEY_FILE).read_bytes() == first
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE.name], "nothing half-made stays behind"


def test_tokens_are_kept_sealed_and_come_back(tmp_path: Path, engine: Engine) -> None:
    office: Any = Folder(tmp_path / "office")
    office.base.mkdir()
    make_key(office)
    store = tokens_of(office, engine)
    assert store.load() is None
    store.replace(lambda _: tokens())
    found = store.load()
    assert found is not None
    assert (found.access.reveal(), found.refresh.reveal()) == ("access-one", "refresh-one")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.unlink(), "not there"),
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(b"half"), "damaged"),
        (lambda path: path.chmod(0o644), "chmod 600"),
        (lambda path: (path.unlink(), path.mkdir(mode=0o700)), "cannot be read"),
    ],
    ids=["lost", "empty", "damaged", "open to others", "a folder"],
)
def test_a_key_that_cannot_be_used_is_told_with_the_remedy(
    tmp_path: Path, engine: Engine, harm: Any, says: str
) -> None:
    office: Any = Folder(tmp_path / "office")
    office.base.mkdir()
    make_key(office)
    tokens_of(office, engine).replace(lambda _: tokens())
    harm(office.base / KEY_FILE)
    with pytest.raises(Refused, match=says):
        tokens_of(office, engine).load()


def test_a_folder_that_takes_no_key_is_told(tmp_path: Path) -> None:
    office: Any = Folder(tmp_path / "missing")
    with pytest.raises(Refused, match="cannot be written"):
        make_key(office)
