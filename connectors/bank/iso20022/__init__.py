"""ISO 20022 (XML): camt.052, .053, .054 and pain.002, of every version, by local name."""
