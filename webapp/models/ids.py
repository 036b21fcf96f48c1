"""Ids that people see: in addresses, in messages, read aloud over a desk."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no 0/o, 1/l/i: ids are read aloud


def public_id() -> str:
    """Twelve letters: 59 bits, so nobody meets another's object by guessing."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))
