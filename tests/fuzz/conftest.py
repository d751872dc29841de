"""There is an atheris only for Linux on x86-64; elsewhere its tests are not there at all."""

from __future__ import annotations

import importlib.util

collect_ignore = [] if importlib.util.find_spec("atheris") else ["test_coverage.py"]
