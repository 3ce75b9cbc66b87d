"""Jobs that bring the warehouse up to date: all of it, what changes within a day, one subject."""

from __future__ import annotations

import dagster as dg

from orchestration.defs.landing.assets import RAW_TABLES
from orchestration.defs.landing.checks import every_file_has_a_table, source_freshness
from orchestration.defs.publishing.assets import COPIES
from orchestration.defs.warehouse.assets import TRANSLATOR, dbt_build
from orchestration.defs.warehouse.translator import subject
from orchestration.defs.warehouse.unit_tests import dbt_unit_tests
from orchestration.parsed_project import manifest

NIGHTLY_TAG = "nightly"

_MODELS = [node for node in manifest()["nodes"].values() if node["resource_type"] == "model"]
SUBJECTS = sorted({subject(model) for model in _MODELS if model["access"] == "public"})

_LANDING = dg.AssetSelection.assets(*(spec.key for spec in RAW_TABLES.values()))
_WAREHOUSE = dg.AssetSelection.assets(dbt_build)
_COPY = dg.AssetSelection.assets(*COPIES)
_NIGHTLY_ONLY = dg.AssetSelection.assets(
    *(TRANSLATOR.get_asset_key(model) for model in _MODELS if NIGHTLY_TAG in model["tags"])
)
_UNIT_TESTS = dg.AssetSelection.checks(dbt_unit_tests)
_FRESHNESS = dg.AssetSelection.checks(source_freshness)
_INBOX = dg.AssetSelection.checks(every_file_has_a_table)
_EVERYTHING = _INBOX | _LANDING | _WAREHOUSE | _COPY

REFRESH = dg.define_asset_job(
    "refresh",
    _EVERYTHING - _UNIT_TESTS,
    description="Land what waits in the inbox, build and test all models, publish the copy. The"
    " configuration of dbt_build can ask for a full refresh, a range of dates or other vars.",
)
INTRADAY = dg.define_asset_job(
    "refresh_intraday",
    _EVERYTHING - _NIGHTLY_ONLY - _NIGHTLY_ONLY.downstream() - _UNIT_TESTS | _COPY,
    description="As refresh, without the models tagged nightly.",
)
NIGHTLY = dg.define_asset_job(
    "refresh_nightly",
    _EVERYTHING | _UNIT_TESTS | _FRESHNESS,
    description="As refresh, with dbt's unit tests.",
)
FRESHNESS = dg.define_asset_job(
    "check_freshness",
    _FRESHNESS,
    description="Judge the age of every raw table; builds nothing.",
)
SUBJECT_JOBS = [
    dg.define_asset_job(
        f"refresh_{name}",
        (dg.AssetSelection.groups(name) & _WAREHOUSE).upstream()
        & (_LANDING | _WAREHOUSE) - _UNIT_TESTS,
        description=f"Build the {name} models and all that they need. The published copy stays.",
    )
    for name in SUBJECTS
]
