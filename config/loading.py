"""Reading kontorist.toml: all mistakes in one message, and nothing runs until there are none."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from config.country_laws import law_of
from config.letter_texts import letter_texts
from config.settings import Company, Settings
from connectors.accounting import Capability, capabilities_of
from dunning.base_rate_update import merge_base_rates
from dunning.costs import fee_mistakes, lump_sum_mistakes
from dunning.fee_tables import FeeSchedule, read_fee_schedule
from dunning.interest import BaseRates, read_base_rates
from dunning.notice import Channel
from dunning.stage import Procedure, read_procedure
from export.letters.texts import template_names
from ledger.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from config.settings import Smtp


# Countries with a base rate; the others have a flat rate by law.
BASE_RATE_COUNTRIES: Final = ("DE", "AT")

# What a key that is checked letter by letter looks like.
_FORMS: Final = {
    "id": "small letters, digits, - and _, such as muster-gmbh",
    "name": "small letters, digits, - and _, such as tool-2",
    "country": "two capital letters, such as DE",
    "dictation_code": "two capital letters, such as KL",
}


class ConfigError(Exception):
    """The configuration cannot be used. Carries every mistake, so that one look repairs them all."""

    def __init__(self, path: Path, mistakes: Sequence[str]) -> None:
        self.path = path
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = "\n".join(f"  - {mistake}" for mistake in mistakes)
        super().__init__(f"{path}: {count}; nothing was run\n{lines}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A configuration that was read and found good, and the folder its paths start from."""

    path: Path
    settings: Settings
    procedures: Mapping[str, Procedure]  # by company
    rates: BaseRates  # of Germany, with the rows of the office's own file
    foreign_rates: Mapping[str, BaseRates]  # of other countries that have a base rate of their own
    fees: FeeSchedule

    def rates_of(self, company: Company) -> BaseRates:
        """Give the base rates of a company's country, the German ones where it has none of its own."""
        return self.foreign_rates.get(company.country, self.rates)

    @property
    def base(self) -> Path:
        """The folder of the configuration file."""
        return self.path.parent

    def resolve(self, path: Path) -> Path:
        """Give a path of the configuration, relative to its file."""
        return self.base / path

    def named(self, path: Path) -> str:
        """Name a path as the configuration would, so that a moved installation still knows it."""
        return Path(os.path.relpath(self.resolve(path), self.base)).as_posix()

    def output_of(self, company: Company) -> Path:
        """Give the folder that receives what a company sends out."""
        return self.base / self.settings.output / company.id


def load_office(path: Path, *, house: Path) -> Office:
    """Read the configuration and everything it refers to; ``house`` is the folder of the shipped defaults.

    Raises ConfigError with all mistakes.
    """
    raw = _read_toml(path, path)
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(path, list(_mistakes(raw, [dict(problem) for problem in error.errors()]))) from None
    mistakes: list[str] = []
    procedures = {
        company.id: procedure
        for company in settings.company
        if (procedure := _procedure(path, company, house, mistakes)) is not None
    }
    rates = {country: _base_rates(path, country, house, mistakes) for country in BASE_RATE_COUNTRIES}
    if mistakes:
        raise ConfigError(path, mistakes)
    office = Office(
        path=path.absolute(),
        settings=settings,
        procedures=procedures,
        rates=rates["DE"],
        foreign_rates={country: found for country, found in rates.items() if country != "DE"},
        fees=_fees(house),
    )
    if mistakes := [*_mistakes_in_letter_texts(office), *_impossible_write_backs(settings)]:
        raise ConfigError(path, mistakes)
    return office


def _mistakes_in_letter_texts(office: Office) -> Iterator[str]:
    """Tell what is wrong in the office's own texts before the first night would say it to somebody."""
    for company in office.settings.company:
        try:
            letter_texts(office, company)
        except Refused as error:
            yield from str(error).splitlines()


def _impossible_write_backs(settings: Settings) -> Iterator[str]:
    """Find tools that are to be told what nobody can tell them."""
    for company in settings.company:
        for source in company.source:
            if source.kind == "file":
                continue
            able, wished = capabilities_of(source.kind), source.write_back
            where = f"company {company.id} › source {source.name} › write_back"
            if wished.payments and Capability.BOOKS_PAYMENTS not in able:
                yield f"{where}: {source.kind} cannot be told of payments; mark them there, or import the batch"
            if wished.dunning and not able & {Capability.SETS_DUNNING_LEVELS, Capability.CREATES_DUNNING_DOCUMENTS}:
                yield f"{where}: {source.kind} cannot be told of dunning; set dunning = false"


def own_base_rates(path: Path, country: str) -> Path:
    """Name the office's own file of new base rates, beside its configuration file."""
    return path.parent / f"base_rates_{country.lower()}.csv"


def _base_rates(path: Path, country: str, house: Path, mistakes: list[str]) -> BaseRates:
    known = read_base_rates((house / f"base_rates_{country.lower()}.csv").read_text(encoding="utf-8"))
    own = own_base_rates(path, country)
    if not own.exists():
        return known
    try:
        return merge_base_rates(known, own.read_text(encoding="utf-8-sig")).rates
    except ValueError as error:
        mistakes.extend(f"{own}: {line}" for line in str(error).splitlines())
        return known


def _fees(house: Path) -> FeeSchedule:
    return read_fee_schedule(
        *((house / f"fees_{name}.csv").read_text(encoding="utf-8") for name in ("rvg", "gkg", "fixed"))
    )


def smtp_password(smtp: Smtp, base: Path, environment: Mapping[str, str]) -> str:
    """Fetch the password from where the configuration says it is; raise ValueError when it is not there."""
    if smtp.password_env:
        if smtp.password_env not in environment:
            raise ValueError(
                f"smtp.password_env: the environment has no variable {smtp.password_env}; set it for this program"
            )
        return environment[smtp.password_env]
    if smtp.password_file:
        try:
            return (base / smtp.password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(
                f"smtp.password_file: {smtp.password_file} cannot be read: {error.strerror}; "
                "write the password, and nothing else, into that file"
            ) from None
    return ""


def _procedure(path: Path, company: Company, house: Path, mistakes: list[str]) -> Procedure | None:
    own = company.dunning.procedure
    file = path.parent / own if own else house / "dunning.toml"
    try:
        procedure = read_procedure(_read_toml(file, file))
    except ConfigError as error:
        mistakes.extend(f"{file}: {mistake}" for mistake in error.mistakes)
    except ValueError as error:
        mistakes.extend(f"{file}: {line.strip()}" for line in str(error).splitlines())
    else:
        mistakes.extend(f"{file}: {mistake}" for mistake in _unwritable_stages(procedure))
        cap = company.dunning.fee_cap_minor, company.dunning.fee_cap_because
        law = law_of(company.country)
        mistakes.extend(f"{file}: {mistake}" for mistake in fee_mistakes(procedure, *cap, law=law))
        mistakes.extend(f"{file}: {mistake}" for mistake in lump_sum_mistakes(procedure, law))
        mistakes.extend(f"company {company.id}: {mistake}" for mistake in _unknown_tracks(company, procedure))
        return procedure
    return None


def _unknown_tracks(company: Company, procedure: Procedure) -> Iterator[str]:
    """Find choices of a track or a customer group that does not exist."""
    tracks, groups = procedure.by_track, company.dunning.customer_groups
    for choice in company.dunning.choices:
        if choice.track not in tracks:
            yield f"dunning › choice: there is no track {choice.track!r}; there is {', '.join(sorted(tracks))}"
        for group in sorted((choice.groups or frozenset()) - groups.keys()):
            yield f"dunning › choice: there is no group {group!r} under customer_groups"


def _unwritable_stages(procedure: Procedure) -> Iterator[str]:
    """Find stages that no letter could be written for."""
    known = template_names()
    for stage in (*procedure.stages, *(step for track in procedure.tracks for step in track.stages)):
        if stage.template not in known:
            names = ", ".join(sorted(known))
            yield f"stage {stage.name}: there is no letter text {stage.template!r}; there is {names}"
        if not stage.deadline_days and {Channel.EMAIL, Channel.LETTER} & set(stage.channels):
            yield f"stage {stage.name}: a letter needs a deadline; set deadline_days"


def _read_toml(path: Path, named: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(named, ["there is no such file; write one, or try `run_sync.py demo FOLDER`"]) from None
    except OSError as error:
        raise ConfigError(named, [f"the file cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(named, [f"line {line} is not UTF-8; save the file as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(named, [f"this is not TOML: {error}"]) from None


def _mistakes(raw: Mapping[str, Any], problems: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for problem in problems:
        place = problem["loc"]
        inside = any(len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in problems)
        # A list whose only part is wrong is said to be too short as well; that is no mistake of its own.
        if problem["type"] != "too_short" or not inside:
            yield _mistake(raw, problem)


def _mistake(raw: Mapping[str, Any], problem: Mapping[str, Any]) -> str:
    location, found = problem["loc"], problem["input"]
    where = _dotted(raw, location)
    message = str(problem["msg"]).removeprefix("Value error, ")
    match problem["type"]:
        case "missing":
            message = "this is missing"
        case "extra_forbidden":
            message = f"this key is not known{_did_you_mean(location)}"
        case "too_short" | "string_too_short":
            message = "this is empty; fill it in"
        case "string_pattern_mismatch":
            message = f"{found!r} cannot be used; write {_FORMS[location[-1]]}"
        case "tuple_type":
            brackets = f"[[{'.'.join(str(part) for part in location if isinstance(part, str))}]]"
            message = f"this is a list; write {brackets if isinstance(found, dict) else '[ … ]'}"
        case "union_tag_invalid":
            where, known = f"{where} › kind", problem["ctx"]["expected_tags"].replace("'", "")
            message = f"{found.get('kind')!r} should be one of {known}"
        case "union_tag_not_found":
            where, message = f"{where} › kind", "this is missing"
        case "model_type":
            message = "this is a group of settings; write each of them with its name"
        case _:
            message = message.replace("Input should", f"{found!r} should", 1)
    return f"{where}: {message}" if where else message


def _dotted(raw: Mapping[str, Any], location: tuple[Any, ...]) -> str:
    """Write a place as a person would look for it: company 2 (muster) › bank 1 › iban."""
    parts: list[str] = []
    node: Any = raw
    for part in location:
        if isinstance(node, dict) and part not in node and part == node.get("kind"):
            continue  # which of several kinds it was read as; nobody wrote that there
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            node = None
        if isinstance(part, int) and parts:
            name = node.get("id") if isinstance(node, dict) else None
            parts[-1] += f" {part + 1}" + (f" ({name})" if name else "")
        else:
            parts.append(str(part))
    return " › ".join(parts)


def _did_you_mean(location: tuple[Any, ...]) -> str:
    if location and location[-1] in {"password", "token", "secret"}:
        return "; secrets do not belong into this file: use password_env or password_file"
    model: Any = Settings
    for part in location[:-1]:
        if isinstance(part, int) or part == _kind(model):
            continue
        field = model.model_fields.get(part)
        model = _model_in(field.annotation, location) if field else None
        if model is None:
            return ""
    close = difflib.get_close_matches(str(location[-1]), list(model.model_fields), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _model_in(annotation: Any, location: tuple[Any, ...]) -> type[BaseModel] | None:
    """Find the part of the file that an annotation stands for; of several kinds the one that was meant."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation if _kind(annotation) in {"", *location} else None
    parts = getattr(annotation, "__args__", ())
    return next((found for part in parts if (found := _model_in(part, location))), None)


def _kind(model: type[BaseModel]) -> str:
    """Give the kind a part of the file is told by; empty for parts that are of one kind only."""
    field = model.model_fields.get("kind")
    return next((str(word) for word in getattr(field and field.annotation, "__args__", ())), "")
