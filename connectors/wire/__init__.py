"""The wire (Leitung): how this house talks to a tool over HTTPS: politely, safely, keeping secrets."""

from __future__ import annotations

from connectors.wire.answer import Answer
from connectors.wire.client import Bounds, Wire
from connectors.wire.limiter import Limiter, LocalLimiter, Rate
from connectors.wire.manners import Clock, Manners, Quota
from connectors.wire.secret import Basic, Bearer, HeaderKey, Secret

__all__ = [
    "Answer",
    "Basic",
    "Bearer",
    "Bounds",
    "Clock",
    "HeaderKey",
    "Limiter",
    "LocalLimiter",
    "Manners",
    "Quota",
    "Rate",
    "Secret",
    "Wire",
]
