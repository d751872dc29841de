"""Turns (Abrufkontingent): when a credential may be used again, agreed between all processes and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from sqlalchemy import extract, func, select

from storage.database import transaction
from storage.tables import WIRE_TURN
from storage.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_OFFICE: Final = "*"  # companies that share a key share its limit
_SECONDS_OF_A_DAY: Final = 86_400.0
_JULIAN_DAY_OF_1970: Final = 2_440_587.5


class Pace(Protocol):
    """How fast: seconds between two turns, and how many may come at once after a rest."""

    @property
    def interval(self) -> float:
        """Seconds between two turns."""

    @property
    def burst(self) -> int:
        """Turns that may come at once after a rest."""


@dataclass(frozen=True, slots=True)
class SharedLimiter:
    """Turns by the generic cell rate algorithm, kept in the database and counted by its clock."""

    engine: Engine

    def turn(self, credential: str, rate: Pace) -> float:
        """Take the next turn and give the seconds to wait for it."""
        with transaction(self.engine, f"turns of {credential}") as connection:
            now, free_at = seconds_since_1970(connection), _free_at(connection, credential)
            rested = max(free_at, now - (rate.burst - 1) * rate.interval)
            _save(connection, credential, rested + rate.interval)
            return max(0.0, rested - now)

    def pause(self, credential: str, seconds: float) -> None:
        """Give nobody a turn for so long: the tool asked for it."""
        with transaction(self.engine, f"turns of {credential}") as connection:
            _save(
                connection,
                credential,
                max(_free_at(connection, credential), seconds_since_1970(connection) + seconds),
            )


def _free_at(connection: Connection, credential: str) -> float:
    turn = WIRE_TURN.c
    return (
        connection.execute(
            select(turn.free_at).where(turn.company_id == _OFFICE, turn.credential == credential)
        ).scalar()
        or 0.0
    )


def _save(connection: Connection, credential: str, free_at: float) -> None:
    upsert(connection, WIRE_TURN, [{"company_id": _OFFICE, "credential": credential, "free_at": free_at}])


def seconds_since_1970(connection: Connection) -> float:
    """Ask the database what time it is: the one clock that all processes share."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(select(extract("epoch", func.clock_timestamp()))).scalar_one())
    days = float(connection.execute(select(func.julianday("now"))).scalar_one())
    return (days - _JULIAN_DAY_OF_1970) * _SECONDS_OF_A_DAY
