"""Superset's settings for shoptrack: its folder, its key, its colours; no request leaves the host.

Superset finds the file by SUPERSET_CONFIG_PATH; upper-case names override superset/config.py.
"""

import contextlib
import os
import secrets
import sys
import tempfile
from pathlib import Path

from sqlalchemy.pool import NullPool

os.umask(0o077)  # the database holds passwords, and the folder may have been open before
HOME = Path(os.environ["SUPERSET_HOME"]).resolve()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)


def secret(name: str) -> str:
    """Return what SUPERSET_<NAME> says, else what is in the file, made at the first start."""
    if given := os.environ.get(f"SUPERSET_{name.upper()}"):
        return given
    file = HOME / name
    if not file.exists():
        _write_once(file, secrets.token_urlsafe(42))
    kept = file.read_text(encoding="utf-8").strip()
    if not kept:
        sys.exit(f"{file} is empty: write the secret into it, or remove it to get a new one")
    return kept


def _write_once(file: Path, content: str) -> None:
    """Write a file that is whole as soon as it is there, unless another process was first."""
    descriptor, written = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}_")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(written, file)
    finally:
        os.unlink(written)


def switch(name: str) -> bool:
    """Return whether a setting is on: 1 or true, against 0, false or nothing."""
    given = os.environ.get(name, "")
    if given.lower() in ("1", "true"):
        return True
    if given.lower() in ("", "0", "false"):
        return False
    sys.exit(f"{name} is {given!r}: say 1 or true to turn it on, 0 or false to turn it off")


SECRET_KEY = secret("secret_key")
ADMIN_PASSWORD = secret("admin_password")
DATA_DIR = str(HOME)
SQLALCHEMY_DATABASE_URI = (
    os.environ.get("SUPERSET_METADATA_URI") or f"sqlite:///{HOME}/superset.db?timeout=30"
)
# Workers are forked from a process that has asked the database: a pool would share its sockets.
SQLALCHEMY_ENGINE_OPTIONS = {"poolclass": NullPool}
RATELIMIT_STORAGE_URI = "memory://"
ENABLE_PROXY_FIX = switch("SUPERSET_BEHIND_PROXY")
SESSION_COOKIE_SECURE = ENABLE_PROXY_FIX
SESSION_COOKIE_SAMESITE = "Lax"

APP_NAME = "shoptrack"
LOG_LEVEL = "WARNING"

# As Superset's own, without the hosts of maps, pictures and telemetry.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": SESSION_COOKIE_SECURE,
}

# Okabe and Ito's colours: told apart by people with any of the common colour blindnesses.
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "okabe_ito",
        "label": "Okabe and Ito (colour-blind safe)",
        "isDefault": True,
        "colors": [
            *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"),
            *("#7A7A7A", "#C9B800", "#332288", "#88CCEE", "#AA4499", "#44AA99"),
        ],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES = [
    {
        "id": "shoptrack_blues",
        "label": "Blues",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#F3F8FC", "#C6DDEF", "#8DBDDF", "#4A94C6", "#1A6BA5", "#08406E"],
    }
]
