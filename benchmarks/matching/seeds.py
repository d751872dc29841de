"""Which invented companies serve which purpose; the three ranges never mix."""

from __future__ import annotations

from typing import Final

# Weights are fitted and rules are improved on these.
FIT_SEEDS: Final = range(1_000, 1_060)

# Thresholds are set and certified on these.
THRESHOLD_SEEDS: Final = range(2_100, 2_160)

# Published figures come from these alone. Nobody looks at one of their payments while anything is still being tuned:
# what was looked at once belongs to the seeds above from then on.
TEST_SEEDS: Final = range(9_000, 9_060)
