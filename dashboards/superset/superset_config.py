"""Superset's settings for shoptrack: its folder, its key, its colours; no request leaves the host.

Superset finds the file by SUPERSET_CONFIG_PATH; upper-case names override superset/config.py.
"""

import os
import secrets
from pathlib import Path

HOME = Path(os.environ["SUPERSET_HOME"]).resolve()
HOME.mkdir(mode=0o700, parents=True, exist_ok=True)


def secret(name: str) -> str:
    """Return what SUPERSET_<NAME> says, else what is in the file, made at the first start."""
    if given := os.environ.get(f"SUPERSET_{name.upper()}"):
        return given
    file = HOME / name
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(secrets.token_urlsafe(42))
    return file.read_text(encoding="utf-8")


SECRET_KEY = secret("secret_key")
ADMIN_PASSWORD = secret("admin_password")
DATA_DIR = str(HOME)
SQLALCHEMY_DATABASE_URI = (
    os.environ.get("SUPERSET_METADATA_URI") or f"sqlite:///{HOME}/superset.db?timeout=30"
)
RATELIMIT_STORAGE_URI = "memory://"
ENABLE_PROXY_FIX = bool(os.environ.get("SUPERSET_BEHIND_PROXY"))
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
