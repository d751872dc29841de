"""What can go wrong with the world outside, typed by what we do next."""


class ConnectorError(Exception):
    """The outside world did not give what we asked for. Caught in one place: the step of the night."""


class Unavailable(ConnectorError):
    """Not now: a timeout, a refused connection, a locked file. The only error that is retried."""


class Throttled(Unavailable):
    """Not so fast: it was not taken, and may be said again after ``wait_seconds`` (None: they did not say)."""

    wait_seconds: float | None = None


class Refused(ConnectorError):
    """Not like this: credentials, rights, a rejected recipient. A person must act; retrying would not help."""


class NotThere(Refused):
    """What we asked for does not exist, or no longer: deleted, or never known under this id."""


class Conflict(Refused):
    """Somebody changed it meanwhile, or it was done already: look at it again before anything else."""


class Unreadable(ConnectorError):
    """It came, but we cannot read it. The bytes are kept as evidence and never guessed at."""


class Uncertain(ConnectorError):
    """It broke after something was handed over: it may have been done, and must not be repeated unseen."""
