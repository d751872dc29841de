"""Text that a spreadsheet shows instead of running it (Schutz vor Formel-Injektion)."""

from __future__ import annotations

from typing import Final

# A cell that begins like this is a formula to a spreadsheet, whoever wrote it: a payer can put one into a remittance
# text. Tab, CR and LF are skipped by some spreadsheets before they look; the wide signs are folded by Japanese ones.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def excel_safe(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; give any other text unchanged.

    For text cells only. A number must stay a number, so a negative amount is never passed through here.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
