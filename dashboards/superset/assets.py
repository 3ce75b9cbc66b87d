"""The dashboards as files: read, pointed at a database, and written as Superset exports them.

Nothing here needs Superset; manage.py brings the files into it and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Asset = dict[str, Any]

FOLDER = Path(__file__).resolve().parent
KINDS = ("databases", "datasets", "charts", "dashboards")
LONGEST_ON_ONE_LINE = 88

SCHEMA_ELSEWHERE = "marts"

# What an export says of everything, or of this installation alone.
NOISE = {
    *("datasource", "slice_id", "dashboards", "url_params", "parents", "chartsInScope"),
    *("tabsInScope", "query_context", "is_managed_externally", "currency_code_column"),
    *("filter_sets_configuration", "dashboard_title_override", "chart_configuration"),
    *("global_chart_configuration", "map_label_colors", "shared_label_colors", "default_filters"),
    "color_scheme_domain",
    *("import_time", "last_synced_at", "metric_type", "source_db_engine", "color_namespace"),
    *("configuration_method", "cost_estimate_enabled", "timed_refresh_immune_slices"),
}
DEFAULTS: Mapping[str, Any] = {
    **{"is_dttm": False, "is_active": True, "groupby": True, "filterable": True, "offset": 0},
    **{"filter_select_enabled": True, "normalize_columns": False, "refresh_frequency": 0},
    **{"always_filter_main_dttm": False, "allow_run_async": False, "impersonate_user": False},
    **{"expanded_slices": {}, "extra_form_data": {}, "cross_filters_enabled": True},
}
EMPTY: tuple[Any, ...] = (None, "", {}, [])
NEEDED = {"excluded"}  # a filter without it reaches no chart, and nothing says so
FIRST = (
    *("database_name", "table_name", "slice_name", "dashboard_title"),
    *("column_name", "metric_name", "verbose_name", "description"),
    *("slug", "viz_type", "type", "id", "name"),
)
LAST = (
    *("params", "columns", "metrics", "metadata", "position", "extra"),
    *("dataset_uuid", "database_uuid", "uuid", "version"),
)


class AssetError(RuntimeError):
    """Nothing was imported; the message says why and what to do."""


def read_assets(folder: Path = FOLDER) -> dict[str, Asset]:
    """Return the assets of a folder by path (`charts/traffic/countries.yaml`)."""
    files = [file for kind in KINDS for file in sorted((folder / kind).rglob("*.yaml"))]
    return {
        file.relative_to(folder).as_posix(): yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in files
    }


def pointed_at(assets: Mapping[str, Asset], uri: str) -> dict[str, Asset]:
    """Return the assets over the database at `uri`; beside DuckDB the schema is `marts`."""
    is_duckdb = uri.startswith("duckdb:")
    placed = {}
    for path, asset in assets.items():
        changed = dict(asset)
        if path.startswith("databases/"):
            changed["sqlalchemy_uri"] = uri
            if not is_duckdb:
                changed["extra"] = {}
        elif path.startswith("datasets/") and not is_duckdb:
            changed["schema"] = SCHEMA_ELSEWHERE
        placed[path] = changed
    return placed


def marts_uri(environment: Mapping[str, str]) -> str:
    """Return where the marts are: SUPERSET_DATABASE_URI, else the published copy.

    Raises AssetError when there is no published copy.
    """
    if given := environment.get("SUPERSET_DATABASE_URI"):
        return given
    published = Path(environment["SHOPTRACK_PUBLISHED"])
    if not published.is_file():
        raise AssetError(
            f"there is no published copy at {published}: run shoptrack publish, or let"
            " SHOPTRACK_PUBLISHED name one"
        )
    return f"duckdb:///{published.absolute()}"


def tidied(value: Any) -> Any:
    """Return an exported value without noise, empty values and defaults, keys in our order."""
    if isinstance(value, list):
        return [tidied(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: tidied(item)
        for key, item in value.items()
        if key in NEEDED or (key not in NOISE and item not in EMPTY and DEFAULTS.get(key) != item)
    }
    kept = {key: item for key, item in kept.items() if key in NEEDED or item not in ({}, [])}
    return {key: kept[key] for key in sorted(kept, key=_place)}


def _place(key: str) -> tuple[int, int]:
    if key in FIRST:
        return 0, FIRST.index(key)
    return (2, LAST.index(key)) if key in LAST else (1, 0)  # the others keep their order


def renumbered(dashboard: Asset) -> Asset:
    """Return a dashboard whose charts are numbered from 1 in the order of their position's keys.

    An installation numbers charts as it likes; in the files the numbers only tie filters to them.
    """
    charts = [item["meta"] for item in dashboard["position"].values() if _is_chart(item)]
    numbers = {meta["chartId"]: number for number, meta in enumerate(charts, start=1)}
    for meta in charts:
        meta["chartId"] = numbers[meta["chartId"]]
    for filter_ in dashboard.get("metadata", {}).get("native_filter_configuration", []):
        scope = filter_.get("scope", {})
        scope["excluded"] = sorted(
            numbers[chart] for chart in scope.get("excluded", []) if chart in numbers
        )
    return dashboard


def _is_chart(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "CHART"


class _Dumper(yaml.SafeDumper):
    """YAML that people can read and git can compare: short mappings and lists on one line."""

    def represent_data(self, data: Any) -> yaml.Node:
        node = super().represent_data(data)
        if isinstance(node, yaml.ScalarNode) and "\n" in node.value:
            node.style = "|"
        elif isinstance(node, yaml.CollectionNode):
            node.flow_style = _is_short(data)
        return node

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _is_short(data: dict[str, Any] | list[Any]) -> bool:
    items = data.values() if isinstance(data, dict) else data
    return len(str(data)) <= LONGEST_ON_ONE_LINE and not any(
        isinstance(item, (dict, list)) for item in items
    )


def as_text(asset: Mapping[str, Any]) -> str:
    """Return an asset as YAML."""
    return yaml.dump(dict(asset), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def write_assets(exported: Mapping[str, Asset], folder: Path = FOLDER) -> list[str]:
    """Write exported assets over the files with their UUIDs; return the paths that are new.

    A new asset gets a file of its own. Files of what is no longer in Superset stay: remove them.
    """
    files = read_assets(folder)
    known = {asset["uuid"]: path for path, asset in files.items()}
    new = []
    for exported_path, asset in exported.items():
        path = known.get(asset["uuid"], exported_path)
        if path.startswith("databases/"):
            continue  # where the marts are is this installation's own
        if asset["uuid"] not in known:
            new.append(path)
        text = as_text(tidied(_for_files(path, asset, files.get(path, {}))))
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return new


def _for_files(path: str, asset: Asset, before: Asset) -> Asset:
    if path.startswith("dashboards/"):
        return renumbered(asset)
    if path.startswith("datasets/"):
        ordered = {
            part: _in_order_of(before.get(part, []), asset[part], name)
            for part, name in (("columns", "column_name"), ("metrics", "metric_name"))
        }
        return {**asset, "schema": "main", **ordered}
    return asset


def _in_order_of(before: list[Asset], items: list[Asset], name: str) -> list[Asset]:
    """Return items in the order of the file, new ones last: exports have them in any order."""
    places = {item[name]: place for place, item in enumerate(before)}
    return sorted(items, key=lambda item: (places.get(item[name], len(places)), item[name]))
