"""The failure of a valid request."""


class Failed(RuntimeError):
    """A valid request that failed; the message says why, and what to do."""
