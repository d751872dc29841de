"""Facts from outside, one file per tool or format."""
