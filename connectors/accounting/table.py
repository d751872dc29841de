"""A table (Tabelle) read from a file: rows of cells that still know their line, whatever the format was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from connectors.accounting.csv_table import read_csv
from connectors.accounting.record import Layout
from connectors.accounting.row import Row, text_of
from connectors.accounting.xlsx_table import read_xlsx
from ledger.errors import Refused, Unavailable, Unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

# An open-item list of a million rows has about 150 MB; what is larger is something else.
MAX_BYTES: Final = 200_000_000

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The header and the rows below it; blank rows are left out."""

    file: str  # name without folders, for places
    header: tuple[str, ...]  # as written
    header_line: int
    rows: tuple[Row, ...]

    def layout(self, positions: Mapping[str, int]) -> Layout:
        """Give where its columns stand; cells behind the last column with a name must be empty."""
        width = max(place for place, text in enumerate(self.header) if text) + 1
        return Layout(file=self.file, header=self.header, positions=positions, width=width)


def read_table(
    path: Path, *, known_headers: Collection[str], delimiter: str = "", encoding: str = "", sheet: str = ""
) -> Table:
    """Read a CSV or XLSX file, told apart by content.

    ``known_headers`` (normalised) decide between two possible delimiters. Raise Unavailable for a file that cannot
    be reached just now, Refused for one that is missing or not meant, Unreadable for one that cannot be understood.
    """
    data = _bytes_of(path)
    if data.startswith(_ZIP):
        rows = read_xlsx(data, path, sheet, max_bytes=MAX_BYTES)
    else:
        rows = read_csv(data, path, known_headers, delimiter, encoding)
    if not rows or rows[0].trouble:
        why = f" ({rows[0].trouble})" if rows else ""
        raise Unreadable(f"{path}: there is no header line{why}. Export the list again with its column names.")
    header, *body = rows
    return Table(
        file=path.name,
        header=tuple(text_of(cell) for cell in header.cells),
        header_line=header.line,
        rows=tuple(body),
    )


def _bytes_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise Refused(f"{path}: {size:,} bytes are too much for an open-item list. Is it the right file?")
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise Refused(
            f"{path}: there is no such file. Export it there, or correct the path in the configuration."
        ) from None
    except IsADirectoryError:
        raise Refused(f"{path}: this is a folder. Name the file in the configuration.") from None
    except PermissionError:
        raise Refused(
            f"{path}: we may not read this file. Give the user of this program the right to read it."
        ) from None
    except OSError as error:
        raise Unavailable(f"{path}: cannot be read just now ({error.strerror or error}).") from error
    if not data:
        raise Unreadable(
            f"{path}: the file is empty (0 bytes). The export was probably interrupted; export it again."
        )
    if data.startswith(_OLE):
        raise Refused(
            f"{path}: this is an old Excel file (.xls) or one with a password. Save it as plain .xlsx, or as .csv."
        )
    return data
