"""Where secrets are read from, and what is said when they are not there."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import keyring
import pytest
from keyring.errors import NoKeyringError
from pydantic import ValidationError

from config.secrets import Secrets
from connectors.wire.settings import SecretSettings
from ledger.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path


def read(base: Path, **where: str) -> str:
    """Read a secret and reveal it."""
    return Secrets("lexware", base)(SecretSettings.model_validate(where), "key").reveal()


def written(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file with a mode."""
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


def test_a_secret_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEXWARE_KEY", " s3cret\n")
    assert read(tmp_path, env="LEXWARE_KEY") == "s3cret"


@pytest.mark.parametrize("text", ["s3cret", "s3cret\n", "  s3cret\r\n", "\ufeffs3cret\n"])
def test_a_secret_comes_from_a_file_however_an_editor_wrote_it(tmp_path: Path, text: str) -> None:
    written(tmp_path / "key", text)
    assert read(tmp_path, file="key") == "s3cret"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    written(tmp_path / "key", "s3cret", mode)
    with pytest.raises(Refused, match="chmod 600") as told:
        read(tmp_path, file="key")
    assert "s3cret" not in str(told.value)


def test_what_systemd_lays_down_for_this_service_alone_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "key", "s3cret", 0o440)  # so its access list shows in the mode
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read(tmp_path, file=str(tmp_path / "key")) == "s3cret"


def test_a_secret_comes_from_the_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {("kontorist", "lexware"): "s3cret"}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    assert read(tmp_path, keyring="lexware") == "s3cret"


def test_a_keyring_that_does_not_open_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: str) -> str:
        raise NoKeyringError("no backend")

    monkeypatch.setattr(keyring, "get_password", closed)
    with pytest.raises(Refused, match="use env or file"):
        read(tmp_path, keyring="lexware")


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ({"env": "NOT_THERE"}, "set the environment variable NOT_THERE"),
        ({"file": "missing"}, "write the secret, and nothing else, into missing"),
        ({"file": "empty"}, "write the secret, and nothing else, into empty"),
        ({"file": "folder"}, "cannot be read"),
        ({"file": "bytes"}, "cannot be read"),
    ],
)
def test_a_secret_that_is_not_there_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: dict[str, str], says: str
) -> None:
    monkeypatch.delenv("NOT_THERE", raising=False)
    written(tmp_path / "empty", " \n")
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o600)
    with pytest.raises(Refused, match=says) as told:
        read(tmp_path, **where)
    assert str(told.value).startswith("source lexware › key: ")


@pytest.mark.parametrize("where", [{}, {"env": "A", "file": "b"}, {"env": "A", "keyring": "b"}, {"key": "s3cret"}])
def test_exactly_one_place_is_named_and_never_the_secret_itself(where: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SecretSettings.model_validate(where)


def test_the_mode_of_a_test_file_is_what_we_think(tmp_path: Path) -> None:
    written(tmp_path / "key", "x")
    assert os.name != "posix" or stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
