"""Which payment settles which item, how sure we are, and why (not). Pure."""
