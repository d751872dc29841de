"""The file that writes every setting out says what the settings say: nothing missing, nothing different."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from config.loading import load_office
from config.settings import Company, Settings
from connectors.wire.settings import SecretSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = Path(__file__).parents[2] / "config"
FILE = HOUSE / "every_setting.toml"

# A key without a default stands behind a # that no blank follows.
_WITHOUT_DEFAULT = re.compile(r"(?m)^#(?=[a-z_]+ = |\[\[?[a-z.]+\]\]?$)")


@pytest.fixture(name="as_written", scope="module")
def _as_written() -> Settings:
    return load_office(FILE, house=HOUSE).settings


@pytest.fixture(name="with_everything", scope="module")
def _with_everything(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Load the file with every key set, also those that have no default."""
    folder = tmp_path_factory.mktemp("every_setting")
    (folder / "dunning.toml").write_bytes((HOUSE / "dunning.toml").read_bytes())
    path = folder / "kontorist.toml"
    path.write_text(_WITHOUT_DEFAULT.sub("", FILE.read_text(encoding="utf-8")), encoding="utf-8")
    return load_office(path, house=HOUSE).settings


def _parts(part: BaseModel, place: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Walk a configuration: each part with its place, company › datev."""
    yield place, part
    for name in type(part).model_fields:
        value = getattr(part, name)
        inner = value if isinstance(value, tuple) else (value,)
        for one in inner:
            # Of the places a secret may be kept in exactly one is named, which is never the default.
            if isinstance(one, BaseModel) and not isinstance(one, SecretSettings):
                yield from _parts(one, f"{place} › {name}".removeprefix(" › "))


def _defaults(part: BaseModel) -> dict[str, Any]:
    """Give the defaults of a part, except of what is a part itself."""
    return {
        name: field.default
        for name, field in type(part).model_fields.items()
        if not field.is_required() and field.default is not None and not _holds_parts(getattr(part, name))
    }


def _holds_parts(value: object) -> bool:
    return isinstance(value, BaseModel) or (isinstance(value, tuple) and any(isinstance(v, BaseModel) for v in value))


def test_the_file_can_be_used_as_it_is(as_written: Settings) -> None:
    assert [company.id for company in as_written.company] == ["muster"]
    assert as_written.smtp is None


def test_every_value_written_out_is_the_default(as_written: Settings, with_everything: Settings) -> None:
    wrong = [
        f"{place} › {name}: {getattr(part, name)!r} instead of {default!r}"
        for settings in (as_written, with_everything)
        for place, part in _parts(settings)
        for name, default in _defaults(part).items()
        if getattr(part, name) != default
    ]
    assert not wrong


def test_no_key_is_missing(with_everything: Settings) -> None:
    missing = [
        f"{place} › {name}".removeprefix(" › ")
        for place, part in _parts(with_everything)
        for name in type(part).model_fields
        if name not in part.model_fields_set
    ]
    assert not missing


def test_every_kind_of_part_is_shown(with_everything: Settings) -> None:
    shown = {type(part) for _, part in _parts(with_everything)}
    assert {*_part_types(Settings)} == shown
    assert Company in shown


def _part_types(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation is not SecretSettings:
        yield annotation
        for field in annotation.model_fields.values():
            yield from _part_types(field.annotation)
    for argument in getattr(annotation, "__args__", ()):
        yield from _part_types(argument)


def test_what_has_no_default_is_absent_until_somebody_sets_it(
    as_written: Settings, with_everything: Settings
) -> None:
    set_now = {(place, name) for place, part in _parts(with_everything) for name in part.model_fields_set}
    set_before = {(place, name) for place, part in _parts(as_written) for name in part.model_fields_set}
    fields = {(place, name): field for place, part in _parts(with_everything) for name, field in _fields(part)}
    whole_parts = ("smtp", "company › source", "company › fetch")  # mandatory keys of parts that are wholly absent
    only_now = {key for key in set_now - set_before if not " › ".join(key).startswith(whole_parts)}
    assert only_now
    assert all(fields[key].default is None for key in only_now)


def _fields(part: BaseModel) -> Iterator[tuple[str, Any]]:
    yield from type(part).model_fields.items()
