"""One night, step by step: pull, reconcile, dun, hand over, send, report."""
