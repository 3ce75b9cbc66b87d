"""The key of pseudonyms."""

from __future__ import annotations

import os

_OF_THE_DEMO = "no secret"


def hash_key() -> str:
    """The secret that e-mails and phone numbers are hashed with: `SHOPTRACK_HASH_KEY`."""
    return os.environ.get("SHOPTRACK_HASH_KEY") or _OF_THE_DEMO
