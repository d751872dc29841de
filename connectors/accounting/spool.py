"""The spool (Zwischenablage): as many records as there are, on the disk instead of in the memory."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Collection, Iterator
from typing import IO, Final, Generic, TypeVar

from ledger.errors import Unavailable, Unreadable

T = TypeVar("T")

_TOGETHER: Final = 500


class Spool(Collection[T], Generic[T]):
    """A collection that is written once and read as often as wanted; its file vanishes with it."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="kontorist-spool-")  # noqa: SIM115 - it lives as long as we do
        weakref.finalize(self, self._file.close)
        self._waiting: list[T] = []
        self._count = 0

    def add(self, record: T) -> None:
        """Put one record at the end."""
        self._waiting.append(record)
        self._count += 1
        if len(self._waiting) == _TOGETHER:
            self._write()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        self._write()
        place = 0
        end = self._file.seek(0, 2)
        while place < end:
            self._file.seek(place)
            records: list[T] = pickle.load(self._file)  # noqa: S301 - this very object has written it
            place = self._file.tell()
            yield from records

    def __contains__(self, record: object) -> bool:
        return any(record == one for one in self)

    def _write(self) -> None:
        if self._waiting:
            try:
                self._file.seek(0, 2)
                pickle.dump(self._waiting, self._file, pickle.HIGHEST_PROTOCOL)
            except RecursionError:
                raise Unreadable("an answer is nested too deeply") from None
            except OSError as error:
                raise Unavailable(f"the folder for temporary files takes no more: {error.strerror}") from None
            self._waiting = []
