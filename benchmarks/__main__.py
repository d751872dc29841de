"""Runs every benchmark in a process of its own and prints the table of README.md."""

from __future__ import annotations

import importlib
import subprocess
import sys

from benchmarks.measure import HEADER

_ALL = ("parsing", "storing", "connectors", "matching", "dunning", "letters", "night")

if len(sys.argv) > 1:
    for figure in importlib.import_module(f"benchmarks.{sys.argv[1]}").figures():
        print(figure.line(), flush=True)
else:
    print(HEADER)
    for name in _ALL:
        subprocess.run([sys.executable, "-m", "benchmarks", name], check=True)
