"""Bank statements: which formats we read, how a file is recognised, and the inbox they arrive in."""

from typing import Final

from connectors.bank import camt, mt940
from connectors.bank.format import Format

# In this order a file is asked what it is; the first that says yes reads it.
FORMATS: Final[tuple[Format, ...]] = (
    # XML names its message in its root element, so nothing else can be mistaken for it.
    Format(name="CAMT.052/053/054", looks_like=camt.looks_like, pieces=camt.pieces),
    # Tags at the beginning of a line are weaker evidence, so plain text is asked last.
    Format(name="MT940/MT942", looks_like=mt940.looks_like, pieces=mt940.pieces),
)
