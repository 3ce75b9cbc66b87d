"""The key of pseudonyms, and when a run is refused for want of one."""

from __future__ import annotations

import os

OF_THE_DEMO = "no secret"
SHORTEST = 16  # characters
PRODUCTION = "production"


class HashKeyError(RuntimeError):
    """The key cannot be used in production; the message says what to do, and never the key."""


def is_production() -> bool:
    """Whether this is production: `SHOPTRACK_ENV` is `production`."""
    return (os.environ.get("SHOPTRACK_ENV") or "").strip().lower() == PRODUCTION


def hash_key(*, in_production: bool | None = None) -> str:
    """The secret that identifiers are hashed with: `SHOPTRACK_HASH_KEY`, or the demo's.

    Raises HashKeyError in production for a key that is missing, short, or the demo's: whoever can
    guess the key can find out which hash is whose.
    """
    key = os.environ.get("SHOPTRACK_HASH_KEY") or OF_THE_DEMO
    if in_production or (in_production is None and is_production()):
        _refuse_weak(key)
    return key


def _refuse_weak(key: str) -> None:
    if key == OF_THE_DEMO:
        said = "is not set"
    elif len(key.strip()) < SHORTEST:
        said = f"is shorter than {SHORTEST} characters"
    else:
        return
    raise HashKeyError(
        f"this is production, and SHOPTRACK_HASH_KEY {said}: e-mails, phones and visitors without"
        " consent are only kept as hashes that need a secret. Make one with"
        ' python -c "import secrets; print(secrets.token_urlsafe(32))", put it where only the'
        " service reads it (docs/operating.md), and keep it: another key rebuilds all sessions"
    )
