"""Persons: the connected components of all identifiers, by the links that no guard holds back."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.identity import connect


def model(dbt: Any, session: Any) -> pa.Table:
    """Connect identifiers to persons."""
    used = dbt.ref("int_identity_links_judged").filter("guard is null")
    return connect(used.project("identifier_number, other_number, link_number").to_arrow_table())
