"""Secret tokens: only their hash is stored."""

import hashlib


def hash_token(token: str) -> str:
    """SHA-256 (hex) of the token. Characters that UTF-8 cannot encode never occur in a valid token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
