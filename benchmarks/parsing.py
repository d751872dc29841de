"""Reading statements: files of growing size, against the bare tokenizers and a peer, each in a process of its own."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
from collections import deque
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mt940
from lxml import etree

from benchmarks.invented_statements import NAMESPACE, write_camt, write_mt940
from benchmarks.measure import Figure, cpu_seconds, peak_megabytes
from connectors.bank.reading import read_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SIZES: Final = (10_000, 100_000, 1_000_000)
_PEER_UP_TO: Final = 100_000  # beyond, the package needs minutes and gigabytes
_LIMIT: Final = 4 * 1024**3


def figures() -> Iterator[Figure]:
    """Measure both formats at every size."""
    for name, write, floor, against in (
        ("camt.053.001.08", write_camt, _walk, "lxml iterparse and clear"),
        ("MT940", write_mt940, _peer, "the package mt-940"),
    ):
        smaller = None
        for count in _SIZES:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "statement"
                write(path, count)
                seconds, megabytes = _alone(_read, path, count)
                compared = floor is _walk or count <= _PEER_UP_TO
                smaller = Figure(
                    what=f"{name} read",
                    count=count,
                    unit="entries",
                    cpu_seconds=seconds,
                    peak_megabytes=megabytes,
                    floor=against,
                    floor_seconds=_alone(floor, path, count)[0] if compared else None,
                    bytes_read=path.stat().st_size,
                    smaller=smaller,
                )
            yield smaller


def _alone(work: Callable[[Path], int], path: Path, count: int) -> tuple[float, int]:
    """Give processor seconds and peak memory of a piece of work in a fresh process; check that it saw everything."""
    command = [sys.executable, "-m", "benchmarks.parsing", work.__name__, str(path), "3" if count <= 100_000 else "1"]
    done = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert done["count"] == count, (work.__name__, done, count)
    return done["seconds"], done["megabytes"]


def _read(path: Path) -> int:
    return sum(len(piece.statement.entries) for piece in read_pieces(path, limit_bytes=_LIMIT))


def _walk(path: Path) -> int:
    count = 0
    for _, element in etree.iterparse(str(path), tag=f"{{{NAMESPACE}}}Ntry"):
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def _peer(path: Path) -> int:
    logging.disable(logging.CRITICAL)
    return len(mt940.parse(StringIO(path.read_text(encoding="utf-8"))))


_WORK: Final[Mapping[str, Callable[[Path], int]]] = {work.__name__: work for work in (_read, _walk, _peer)}


def _measure(name: str, path: Path, runs: int) -> None:
    counts: deque[int] = deque(maxlen=1)
    seconds = cpu_seconds(lambda: counts.append(_WORK[name](path)), runs=runs)
    print(json.dumps({"count": counts[0], "seconds": seconds, "megabytes": peak_megabytes()}))


if __name__ == "__main__":
    _measure(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
