"""Accounts: customers, e-mails and phones that belong together whatever device was used. Who owns a
device can only be counted when these are known."""

from typing import Any

import pyarrow as pa

from shoptrack.statistics.identity import connect


def model(dbt: Any, session: Any) -> pa.Table:
    """Connect what is not a visitor."""
    links = dbt.ref("int_identity_links_screened")
    used = links.filter("guard is null and identifier_kind <> 'visitor'")
    return connect(used.project("identifier_number, other_number, link_number").to_arrow_table())
