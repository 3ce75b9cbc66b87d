"""The Superset dashboards as files: they fit the marts, each other and the exposures."""

from __future__ import annotations

import copy
import itertools
import os
import re
import runpy
import shutil
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
import sqlalchemy
import yaml

from shoptrack.contract import PROJECT_ROOT
from tests.python.dashboards.superset_files import (
    FOLDER,
    Asset,
    Files,
    assets_module,
    columns_of,
    filters_of,
    has_dates,
    marts_of,
    metrics_of,
)

FILES = Files.read()
LONGEST_FILE_LINES = 260

Install = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    return assets_module()


@pytest.fixture(scope="module")
def contract() -> duckdb.DuckDBPyConnection:
    """Empty tables with the columns that the contracts say, without those that are personal."""
    connection = duckdb.connect()
    types = {"string": "varchar"}
    for file in (PROJECT_ROOT / "models" / "marts").rglob("_*__models.yml"):
        for mart in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            columns = ", ".join(
                f"{each['name']} {types.get(each['data_type'], each['data_type'])}"
                for each in mart["columns"]
                if not each.get("config", {}).get("meta", {}).get("personal")
            )
            connection.execute(f"create table {mart['name']} ({columns})")
    return connection


def source(dataset: Asset) -> str:
    """SQL of what a dataset reads, as Superset puts it into a query."""
    return f"({dataset['sql']}) as dataset" if "sql" in dataset else str(dataset["table_name"])


def test_every_uuid_name_and_address_is_there_once() -> None:
    names = [
        *(asset["uuid"] for asset in FILES.all.values()),
        *(asset["table_name"] for asset in FILES.datasets.values()),
        *(asset["slice_name"] for asset in FILES.charts.values()),
        *(asset["slug"] for asset in FILES.dashboards.values()),
    ]
    assert [name for name, times in Counter(names).items() if times > 1] == []
    assert len(FILES.dashboards) == 8


def test_files_hold_no_password_and_no_absolute_path_and_are_short() -> None:
    wrong = []
    for path in FILES.all:
        text = (FOLDER / path).read_text(encoding="utf-8")
        if re.search(r"password|secret|:/{4}|(?<![\w:/])/(home|tmp|work|root|data|opt)\b", text):
            wrong.append(path)
        if text.count("\n") > LONGEST_FILE_LINES:
            wrong.append(f"{path} is long")
    assert wrong == []


def test_the_database_is_read_only_and_opens_no_other_file() -> None:
    (database,) = FILES.databases.values()
    arguments = database["extra"]["engine_params"]["connect_args"]
    assert arguments["read_only"] is True
    assert arguments["config"]["enable_external_access"] == "false"
    assert arguments["config"]["lock_configuration"] == "true"
    assert not any(database[f"allow_{what}"] for what in ("ctas", "cvas", "dml", "csv_upload"))
    assert {each["database_uuid"] for each in FILES.datasets.values()} == {database["uuid"]}


@pytest.mark.parametrize("path", FILES.datasets)
def test_a_dataset_fits_the_contracts_of_its_marts(
    contract: duckdb.DuckDBPyConnection, path: str
) -> None:
    dataset = FILES.datasets[path]
    found = contract.execute(f"describe select * from {source(dataset)}").fetchall()
    types = {name: "string" if kind == "VARCHAR" else kind for name, kind, *_ in found}
    for column in dataset["columns"]:
        name, expression = column["column_name"], column.get("expression")
        if expression:
            contract.execute(f"select {expression} from {source(dataset)}")
        else:
            stated = column["type"].replace("DOUBLE PRECISION", "DOUBLE").replace(" ", "")
            actual = types[name].replace("string", "VARCHAR").replace(" ", "")
            assert (name, stated) == (name, actual)
            assert column.get("is_dttm", False) is (actual in ("DATE", "TIMESTAMP"))
    for metric in dataset["metrics"]:
        contract.execute(f"select {metric['expression']} from {source(dataset)}")
    assert dataset.get("main_dttm_col") in {None, *columns_of(dataset)}


def test_metrics_divide_sums_and_never_by_zero_and_say_their_format() -> None:
    metrics = [metric for each in FILES.datasets.values() for metric in each["metrics"]]
    expressions = [metric["expression"] for metric in metrics]
    assert [text for text in expressions if "avg(" in text] == []
    assert [text for text in expressions if "/" in text and "/ nullif(" not in text] == []
    assert [each for each in metrics if not each["d3format"] or not each["verbose_name"]] == []


def test_sums_are_of_columns_that_add_up() -> None:
    """A ratio or a distinct count of a mart is never added up; sessions of page pairs say so."""
    not_additive = {"visitors", "customers_of_day", "aov", "roas", "roi", "cac"}
    added = {
        column
        for each in FILES.datasets.values()
        for metric in each["metrics"]
        for column in re.findall(r"\bsum\((\w+)\)", metric["expression"])
    }
    assert added & not_additive == set()
    assert [name for name in added if name.endswith(("_rate", "_share", "_index"))] == []


def used(params: Asset, *keys: str) -> set[str]:
    """Names in some of a chart's parameters, each a name or a list of names."""
    values = [params.get(key) or [] for key in keys]
    listed = [[each] if isinstance(each, str) else each for each in values]
    return set(itertools.chain.from_iterable(listed))


@pytest.mark.parametrize("path", FILES.charts)
def test_a_chart_uses_what_its_dataset_has(contract: duckdb.DuckDBPyConnection, path: str) -> None:
    chart = FILES.charts[path]
    dataset, params = FILES.dataset(chart["dataset_uuid"]), chart["params"]
    assert params["viz_type"] == chart["viz_type"]
    metrics = used(params, "metric", "metrics", "timeseries_limit_metric")
    columns = used(params, "groupby", "x_axis", "all_columns")
    assert metrics - metrics_of(dataset) == set()
    assert columns - columns_of(dataset) == set()
    assert set(params.get("column_config", {})) - metrics_of(dataset) - columns_of(dataset) == set()
    for condition in params.get("adhoc_filters", []):
        if "sqlExpression" in condition:
            contract.execute(f"select 1 from {source(dataset)} where {condition['sqlExpression']}")
        else:
            assert condition["subject"] in columns_of(dataset)
    assert params.get("color_scheme", "okabe_ito") == "okabe_ito"


def test_every_chart_is_on_one_dashboard_under_its_name() -> None:
    shown = []
    for dashboard in FILES.dashboards.values():
        charts = FILES.charts_of(dashboard)
        assert list(charts) == list(range(1, len(charts) + 1))
        shown += [path for path, _ in charts.values()]
        names = {
            item["meta"]["chartId"]: item["meta"]["sliceName"]
            for item in dashboard["position"].values()
            if isinstance(item, dict) and item["type"] == "CHART"
        }
        assert names == {number: chart["slice_name"] for number, (_, chart) in charts.items()}
    assert sorted(shown) == sorted(FILES.charts)


@pytest.mark.parametrize("path", FILES.dashboards)
def test_a_filter_reaches_exactly_the_charts_that_can_use_it(path: str) -> None:
    dashboard = FILES.dashboards[path]
    charts = FILES.charts_of(dashboard)
    for each in filters_of(dashboard):
        (target,) = each["targets"]
        if each["filterType"] == "filter_time":
            unable = {number for number, (_, chart) in charts.items() if not has_dates(chart)}
        else:
            column = target["column"]["name"]
            assert column in columns_of(FILES.dataset(target["datasetUuid"]))
            unable = {
                number
                for number, (_, chart) in charts.items()
                if column not in columns_of(FILES.dataset(chart["dataset_uuid"]))
            }
        assert set(each["scope"]["excluded"]) == unable  # without it a filter reaches no chart
        assert unable != set(charts)


def test_exposures_name_exactly_the_marts_of_the_dashboards() -> None:
    file = PROJECT_ROOT / "models" / "exposures" / "_superset.yml"
    stated = {
        each["name"]: (each["type"], each["url"].split("/")[-2], set(each["depends_on"]))
        for each in yaml.safe_load(file.read_text(encoding="utf-8"))["exposures"]
    }
    actual = {}
    for path, dashboard in FILES.dashboards.items():
        marts = set().union(*(marts_of(each) for each in FILES.datasets_of(dashboard)))
        name = f"superset_{Path(path).stem}"
        actual[name] = ("dashboard", dashboard["slug"], {f"ref('{mart}')" for mart in marts})
    assert stated == actual


def test_the_lock_pins_every_package_and_names_no_registry() -> None:
    lines = (FOLDER / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!+-]+", line)] == []
    assert {"apache_superset==6.1.0", "duckdb==1.5.5"} <= set(pins)


def as_another_installation_exports(files: Files) -> dict[str, Asset]:
    """Other numbers, other order, and the noise of an export."""
    exported = copy.deepcopy({**files.datasets, **files.charts, **files.dashboards})
    for path, asset in exported.items():
        asset |= {"is_managed_externally": False, "external_url": None, "cache_timeout": None}
        if path.startswith("datasets/"):
            asset["columns"].reverse()
            asset["metrics"].reverse()
        if path.startswith("charts/"):
            asset["params"]["datasource"] = "7__table"
        if path.startswith("dashboards/"):
            for item in asset["position"].values():
                if isinstance(item, dict) and item["type"] == "CHART":
                    item["meta"]["chartId"] += 40
                    item["parents"] = ["ROOT_ID"]
            for each in filters_of(asset):
                excluded = each["scope"]["excluded"]
                each["scope"]["excluded"] = [number + 40 for number in reversed(excluded)]
                each["chartsInScope"] = [41]
    return exported


def test_what_another_installation_exports_changes_no_file(
    assets: ModuleType, tmp_path: Path
) -> None:
    for kind in assets.KINDS:
        shutil.copytree(FOLDER / kind, tmp_path / kind)
    assert assets.write_assets(as_another_installation_exports(FILES), tmp_path) == []
    for path in FILES.all:
        assert (tmp_path / path).read_text("utf-8") == (FOLDER / path).read_text("utf-8")


def test_an_export_writes_a_change_and_gives_a_new_chart_a_file(
    assets: ModuleType, tmp_path: Path
) -> None:
    for kind in assets.KINDS:
        shutil.copytree(FOLDER / kind, tmp_path / kind)
    path = "charts/overview/orders.yaml"
    changed = {**FILES.charts[path], "slice_name": "Orders of the shop"}
    new = {**changed, "uuid": "00000000-0000-4000-8000-000000000001"}
    exported = {"charts/Orders_3.yaml": changed, "charts/Copy_9.yaml": new}
    assert assets.write_assets(exported, tmp_path) == ["charts/Copy_9.yaml"]
    assert assets.read_assets(tmp_path)[path] == changed
    assert assets.read_assets(tmp_path)["charts/Copy_9.yaml"] == new


def test_the_marts_may_be_in_postgresql_instead(assets: ModuleType) -> None:
    uri = "postgresql://reader@example/shop"
    assert assets.marts_uri({"SUPERSET_DATABASE_URI": uri}) == uri
    placed = assets.pointed_at(FILES.all, uri)
    (database,) = (placed[path] for path in FILES.databases)
    assert (database["sqlalchemy_uri"], database["extra"]) == (uri, {})
    assert {placed[path]["schema"] for path in FILES.datasets} == {"marts"}
    assert {FILES.all[path]["schema"] for path in FILES.datasets} == {"main"}


def test_without_a_published_copy_it_says_what_to_do(assets: ModuleType, tmp_path: Path) -> None:
    absent = tmp_path / "published.duckdb"
    with pytest.raises(assets.AssetError, match="run shoptrack publish"):
        assets.marts_uri({"SHOPTRACK_PUBLISHED": str(absent)})
    absent.touch()
    found = assets.marts_uri({"SHOPTRACK_PUBLISHED": str(absent)})
    assert found == f"duckdb:///{absent}"


def settings() -> dict[str, Any]:
    """Superset's settings, read anew; they set the umask of their process."""
    umask = os.umask(0o022)
    try:
        return runpy.run_path(str(FOLDER / "superset_config.py"))
    finally:
        os.umask(umask)


def test_secrets_are_random_kept_and_nobody_elses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("SUPERSET_SECRET_KEY", "SUPERSET_ADMIN_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    seen = set()
    for home in (tmp_path / "one", tmp_path / "two"):
        monkeypatch.setenv("SUPERSET_HOME", str(home))
        first, second = settings(), settings()
        for name in ("SECRET_KEY", "ADMIN_PASSWORD"):
            assert first[name] == second[name]
            assert len(first[name]) >= 40
            seen.add(first[name])
            assert stat.S_IMODE((home / name.lower()).stat().st_mode) == 0o600
        assert sorted(file.name for file in home.iterdir()) == ["admin_password", "secret_key"]
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert len(seen) == 4


def test_a_secret_of_the_environment_is_used_and_not_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    monkeypatch.setenv("SUPERSET_SECRET_KEY", "given key")
    monkeypatch.setenv("SUPERSET_ADMIN_PASSWORD", "given password")
    found = settings()
    assert (found["SECRET_KEY"], found["ADMIN_PASSWORD"]) == ("given key", "given password")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "\n"])
def test_an_empty_secret_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    monkeypatch.setenv("SUPERSET_SECRET_KEY", "")  # as if it were not set
    (tmp_path / "secret_key").write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match="secret_key is empty: write the secret into it, or remo"):
        settings()


def test_a_secret_that_another_process_writes_meanwhile_is_the_one_that_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    monkeypatch.delenv("SUPERSET_SECRET_KEY", raising=False)
    link = os.link

    def overtaken(source: str, target: Path) -> None:
        target.write_text(f"the other {target.name}", encoding="utf-8")
        link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert settings()["SECRET_KEY"] == "the other secret_key"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("given", "is_on"),
    [("1", True), ("true", True), ("True", True), ("0", False), ("false", False), ("", False)],
)
def test_a_proxy_is_trusted_only_where_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, is_on: bool
) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    monkeypatch.setenv("SUPERSET_BEHIND_PROXY", given)
    found = settings()
    assert (found["ENABLE_PROXY_FIX"], found["SESSION_COOKIE_SECURE"]) == (is_on, is_on)


def test_an_unclear_switch_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    monkeypatch.setenv("SUPERSET_BEHIND_PROXY", "nginx")
    with pytest.raises(SystemExit, match="SUPERSET_BEHIND_PROXY is 'nginx': say 1 or true"):
        settings()


def test_what_superset_writes_into_an_open_folder_is_private(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    umask = os.umask(0o022)
    try:
        runpy.run_path(str(FOLDER / "superset_config.py"))
        (tmp_path / "superset.db").touch()
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "superset.db").stat().st_mode) == 0o600


def test_workers_share_no_connection_to_superset_s_own_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SUPERSET_HOME", str(tmp_path))
    engine = sqlalchemy.create_engine("sqlite://", **settings()["SQLALCHEMY_ENGINE_OPTIONS"])
    with engine.connect() as first:
        socket = first.connection.dbapi_connection
    with engine.connect() as second:
        assert second.connection.dbapi_connection is not socket


@pytest.fixture
def installing(tmp_path: Path) -> Install:
    """Runs the command with a Python whose environments have a pip that installs nothing."""
    python = tmp_path / "python"
    python.write_text(
        "#!/usr/bin/env bash\n"
        'venv=${!#}; [[ " $* " == *" --clear "* ]] && rm -rf "$venv"\n'
        'mkdir -p "$venv/bin"; touch "$venv/pyvenv.cfg"\n'
        'printf "#!/bin/sh\nexit 1" > "$venv/bin/pip"; chmod +x "$venv/bin/pip"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)

    def install(venv: Path) -> subprocess.CompletedProcess[str]:
        named = {"SUPERSET_VENV": str(venv), "SUPERSET_PYTHON": str(python)}
        return subprocess.run(
            [FOLDER / "superset", "version"],
            env={**os.environ, **named},
            capture_output=True,
            text=True,
            check=False,
        )

    return install


def test_a_folder_that_is_no_environment_is_not_wiped(installing: Install, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "thesis").touch()
    ended = installing(folder)
    assert ended.returncode == 1
    assert f"{folder} is not an environment of Python's and not empty: name another" in ended.stderr
    assert [file.name for file in folder.iterdir()] == ["thesis"]


def test_an_environment_of_somebody_else_loses_nothing(installing: Install, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").touch()
    (folder / "theirs").touch()
    for _ in range(2):
        installing(folder)
        assert (folder / "theirs").exists()


@pytest.mark.parametrize("is_there", [False, True])
def test_an_interrupted_installation_begins_anew(
    installing: Install, tmp_path: Path, is_there: bool
) -> None:
    folder = tmp_path / "venv"
    if is_there:
        folder.mkdir()
    ended = installing(folder)
    assert ended.returncode == 1
    assert f"Superset could not be installed into {folder}" in ended.stderr
    (folder / "half a package").touch()
    installing(folder)
    found = sorted(file.name for file in folder.iterdir())
    assert found == [".made_for_superset", "bin", "pyvenv.cfg"]
