"""SWIFT FIN: MT940 and MT942, the German structure of ``:86:`` and the dialects of other countries."""
