"""Exports of online banking (CSV) and PayPal, read by a mapping of their columns."""
