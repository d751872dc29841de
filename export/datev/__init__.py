"""The DATEV posting batch (EXTF Buchungsstapel): what the tax adviser imports so that open items clear."""
