"""Ageing, payment behaviour, early warning, forecast and credit risk. Pure."""
