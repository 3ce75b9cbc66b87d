"""What dbt does before it opens the warehouse on DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from shoptrack.hash_key import HashKeyError, hash_key, is_production
from shoptrack.landing.zone import ensure_zone, landing_zone
from shoptrack.memory import MemoryLimitError, memory_limit
from shoptrack.warehouse import describe_open_error


class Plugin(BasePlugin):  # type: ignore[misc]
    """Makes the folders that a build needs, and reports a warehouse that another process holds."""

    _opened: duckdb.DuckDBPyConnection | None = None

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Make the landing zone and the folder of the warehouse file.

        Raises DbtRuntimeError in production without a secret key, and where the memory that may be
        used is none, before anything is touched.
        """
        try:
            in_production = bool(plugin_config.get("is_production")) or is_production()
            self._key = hash_key(in_production=in_production)
            memory_limit()
        except (HashKeyError, MemoryLimitError) as error:
            raise DbtRuntimeError(str(error)) from None
        ensure_zone(landing_zone())
        Path(self.creds.path).parent.mkdir(parents=True, exist_ok=True)

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Open the warehouse before dbt does, because only here can the error be put into words.

        dbt then opens it with the same settings, which gives the database that is open already.
        """
        try:
            self._opened = duckdb.connect(creds.path, read_only=False, config=config)
        except duckdb.Error as error:
            raise DbtRuntimeError(describe_open_error(creds.path, error)) from None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Put the key of pseudonyms where only this process sees it, and close our connection."""
        conn.execute("attach if not exists ':memory:' as secrets")
        conn.execute("create or replace table secrets.main.hash_key (hash_key varchar)")
        conn.execute("insert into secrets.main.hash_key values (?)", [self._key])
        if self._opened is not None:
            self._opened.close()
            self._opened = None
