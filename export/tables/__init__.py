"""Tables that leave the house as JSONL and CSV: matches, notices, open items (Auswertungen)."""
