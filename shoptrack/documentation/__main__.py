"""`python -m shoptrack.documentation`: make the site, and say where it is and what it lacks."""

from __future__ import annotations

import os
import sys

from shoptrack.contract import PROJECT_ROOT
from shoptrack.documentation.dbt_docs import DocumentationError
from shoptrack.documentation.site import build_site

SITE = PROJECT_ROOT / "target" / "site"
DBT_FOLDER = PROJECT_ROOT / "target" / "documentation"


def main() -> int:
    """Make the site in target/site; return the exit code."""
    warehouse = PROJECT_ROOT / os.environ.get("SHOPTRACK_WAREHOUSE", "data/warehouse.duckdb")
    try:
        docs = build_site(SITE, DBT_FOLDER, warehouse)
    except (DocumentationError, ValueError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if docs.missing:
        print(
            f"Note: {docs.missing}. dbt's pages lack sizes and compiled SQL;"
            " run dbt build and make docs again."
        )
    print(f"Open {SITE / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
