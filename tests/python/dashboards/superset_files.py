"""The files of the Superset dashboards, as the tests read them."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import yaml

from shoptrack.contract import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dashboards" / "superset"
MARTS_IN_SQL = re.compile(r"\b(?:from|join)\s+(\w+)")

Asset = dict[str, Any]


def assets_module() -> ModuleType:
    """The program that brings the files into Superset; it needs Superset only when it is run."""
    spec = importlib.util.spec_from_file_location("superset_assets", FOLDER / "assets.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Files:
    """What the files hold, each kind by path (`charts/traffic/countries.yaml`)."""

    databases: dict[str, Asset]
    datasets: dict[str, Asset]
    charts: dict[str, Asset]
    dashboards: dict[str, Asset]

    @classmethod
    def read(cls) -> Files:
        """Read them all."""
        kinds: dict[str, dict[str, Asset]] = {}
        for kind in ("databases", "datasets", "charts", "dashboards"):
            kinds[kind] = {
                file.relative_to(FOLDER).as_posix(): yaml.safe_load(file.read_text("utf-8"))
                for file in sorted((FOLDER / kind).rglob("*.yaml"))
            }
        return cls(**kinds)

    @property
    def all(self) -> dict[str, Asset]:
        """All of them by path."""
        return {**self.databases, **self.datasets, **self.charts, **self.dashboards}

    def dataset(self, uuid: str) -> Asset:
        """The dataset with the UUID."""
        return next(each for each in self.datasets.values() if each["uuid"] == uuid)

    def charts_of(self, dashboard: Asset) -> dict[int, tuple[str, Asset]]:
        """Path and content of a dashboard's charts by their number in its file."""
        by_uuid = {chart["uuid"]: (path, chart) for path, chart in self.charts.items()}
        return {
            item["meta"]["chartId"]: by_uuid[item["meta"]["uuid"]]
            for item in dashboard["position"].values()
            if isinstance(item, dict) and item["type"] == "CHART"
        }

    def datasets_of(self, dashboard: Asset) -> list[Asset]:
        """The datasets of a dashboard's charts and filters."""
        uuids = {chart["dataset_uuid"] for _, chart in self.charts_of(dashboard).values()}
        uuids |= {
            target["datasetUuid"]
            for each in filters_of(dashboard)
            for target in each["targets"]
            if "datasetUuid" in target
        }
        return [self.dataset(uuid) for uuid in sorted(uuids)]


def marts_of(dataset: Asset) -> set[str]:
    """The marts that a dataset reads."""
    if "sql" in dataset:
        return set(MARTS_IN_SQL.findall(dataset["sql"]))
    return {dataset["table_name"]}


def columns_of(dataset: Asset) -> set[str]:
    """Names of a dataset's columns."""
    return {column["column_name"] for column in dataset["columns"]}


def metrics_of(dataset: Asset) -> set[str]:
    """Names of a dataset's metrics."""
    return {metric["metric_name"] for metric in dataset["metrics"]}


def filters_of(dashboard: Asset) -> list[Asset]:
    """The filters of a dashboard."""
    found: list[Asset] = dashboard["metadata"]["native_filter_configuration"]
    return found


def has_dates(chart: Asset) -> bool:
    """Whether a chart can be limited to dates."""
    conditions = chart["params"].get("adhoc_filters", [])
    return any(each.get("operator") == "TEMPORAL_RANGE" for each in conditions)
