"""What can go wrong with the world outside, typed by what we do next."""


class ConnectorError(Exception):
    """The outside world did not give what we asked for. Caught in one place: the step of the night."""


class Unavailable(ConnectorError):
    """Not now: a timeout, a refused connection, a locked file. The only error that is retried."""


class Refused(ConnectorError):
    """Not like this: credentials, rights, a rejected recipient. A person must act; retrying would not help."""


class Unreadable(ConnectorError):
    """It came, but we cannot read it. The bytes are kept as evidence and never guessed at."""
