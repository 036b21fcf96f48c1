"""Ids that people see, in URLs and messages."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without 0/o and 1/l/i, since people read ids aloud


def public_id() -> str:
    """Twelve characters: 59 bits, so ids cannot be guessed."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))
