"""Fuzz one reader by coverage: ``python -m tests.fuzz.run_atheris READER SECONDS``.

Exit code 0 says that nothing was found. Otherwise standard output tells which promise was broken, by which input, and
how to make a sample of it. Only ``connectors.bank`` is instrumented, and nothing is left behind.
"""

from __future__ import annotations

import base64
import importlib
import subprocess
import sys
from itertools import takewhile
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.fuzz.hostile_pieces import damaged
from tests.fuzz.readers import READERS, ROOT, file_of, seeds_of

_SECONDS_FOR_ONE_INPUT: Final = 5
_MEGABYTES: Final = 1024
_LONGEST_INPUT: Final = 6_000  # bytes
_SECONDS_TO_START_AND_STOP: Final = 60
_LINES_SHOWN: Final = 25
_LONGEST_LINE: Final = 1_000


def main(reader: str, seconds: int) -> int:
    """Run the fuzzer in a process of its own, for it ends as it likes; tell what it found."""
    with TemporaryDirectory(prefix="kontorist-fuzz-") as folder:
        (Path(folder) / "seeds").mkdir()
        for number, seed in enumerate(seeds_of(reader)):
            (Path(folder) / "seeds" / str(number)).write_bytes(seed)
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.run_atheris", reader, str(seconds), folder],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds + _SECONDS_TO_START_AND_STOP,
        )
        inputs = [path.read_bytes() for path in Path(folder).glob("found-*")]
        if done.returncode == 0 and not inputs:
            return 0
        kept = [_how_to_keep(reader, file_of(reader, data)) for data in inputs]
        sys.stdout.write("\n".join([*_what_happened(f"{done.stdout}\n{done.stderr}"), *kept, ""]))
        return 1


def _what_happened(output: str) -> list[str]:
    """Give the traceback, or what libFuzzer says of an input that hangs or takes all memory, without its chatter."""
    lines = output.splitlines()
    begin = next((at for at, line in enumerate(lines) if "Uncaught Python exception" in line), None)
    if begin is None:
        return [line for line in lines if "ERROR" in line or "SUMMARY" in line] or lines[-_LINES_SHOWN:]
    found = list(takewhile(lambda line: "ERROR: libFuzzer" not in line, lines[begin:]))
    return [line[:_LONGEST_LINE] for line in found[-_LINES_SHOWN:]]


def _how_to_keep(reader: str, content: bytes) -> str:
    return (
        f"\nThe {reader} reader broke a promise over these {len(content):,} bytes:\n{content!r}\n"
        "Keep them as a sample, shortened as far as it still fails, under a name that says what is strange:\n"
        f"    base64 -d > tests/samples/found_by_fuzzing/{reader.replace('.', '')}_… <<< "
        f"{base64.b64encode(content).decode()}"
    )


def fuzz(reader: str, seconds: int, folder: Path) -> None:
    """Fuzz until time is over or a promise is broken; this process ends here."""
    atheris: Any = importlib.import_module("atheris")  # there is none for other systems, and it has no types
    with atheris.instrument_imports(include=["connectors.bank"]):
        judge = importlib.import_module("tests.fuzz.judge")
    path = folder / "input"

    def read(data: bytes) -> None:
        path.write_bytes(file_of(reader, data))
        judge.judged(path)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        # Bytes for whoever decodes, whole pieces for whoever reads what was decoded.
        new: bytes = atheris.Mutate(data, most) if random.random() < 0.3 else damaged(data, random)
        return new[:most]

    options = [
        f"-max_total_time={seconds}",
        f"-timeout={_SECONDS_FOR_ONE_INPUT}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_LONGEST_INPUT}",
        f"-artifact_prefix={folder}/found-",
        "-report_slow_units=3600",
        str(folder / "seeds"),
    ]
    atheris.Setup([sys.argv[0], *options], read, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    chosen, limit, *inside = sys.argv[1:]
    if chosen not in READERS:
        sys.exit(f"{chosen}: there is no such reader; there are {', '.join(READERS)}")
    if inside:
        fuzz(chosen, int(limit), Path(inside[0]))
    sys.exit(main(chosen, int(limit)))
