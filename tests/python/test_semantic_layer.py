"""MetricFlow's answers are those of SQL that was written by hand over the same marts."""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from examples import uci_online_retail
from shoptrack.contract import PROJECT_ROOT
from shoptrack.landing import land_file
from shoptrack.metric_catalogue import CATALOGUE, subjects, with_catalogue
from shoptrack.public_marts import public_marts
from tests.python.conftest import NewWarehouse
from tests.python.metrics_by_hand import (
    ALL_ROWS,
    BY_HAND,
    COHORTS,
    CUSTOMER_CHURN,
    CUSTOMER_VALUES,
    CUSTOMERS,
    GAPS,
    IN_REPORTS,
    MODELS,
    MONEY_AND_ORDERS,
    ORDER_LINES,
    ORDERS,
    POSTINGS,
    PRODUCTS,
    ROLLING,
    ROWS_WITH_GAPS,
    Rows,
)
from tests.python.semantic_layer import (
    SemanticLayer,
    project_to_query,
    warehouse_of_copy,
    write_warehouse,
)
from tests.python.test_published_figures import reference
from tests.python.warehouse import Project

# Words of docs/definitions.md, and the metric that is the number.
HEADLINES = {
    "session": "sessions",
    "visitor": "visitors",
    "engaged session": "engaged_sessions",
    "bounce": "bounces",
    "single-page session": "single_page_sessions",
    "Session conversion rate": "session_conversion_rate",
    "Purchasers / visitors": "purchasers_per_visitor",
    "orders / sessions": "orders_per_session",
    "Open": "open_funnel_sessions",
    "Closed": "funnel_sessions",
    "Lost value": "funnel_lost_value",
    "gross sales": "gross_sales",
    "discounts": "discounts",
    "returns": "returns",
    "net sales": "net_sales",
    "total sales": "total_sales",
    "AOV": "aov",
    "new customers": "new_customers",
    "returning customer rate": "returning_customer_rate",
    "repeat purchase rate": "repeat_purchase_rate",
    "Cohort retention": "cohort_retention_rate",
    "12-month value": "clv_12m",
    "Historic value": "historic_clv",
    "Churned": "churned_customer_share",
    "View-to-cart": "view_to_cart_rate",
    "cart-to-purchase": "cart_to_purchase_rate",
    "Margin": "margin",
    "cart abandonment rate": "cart_abandonment_rate",
    "Checkout abandonment rate": "checkout_abandonment_rate",
    "recovered": "cart_recovery_rate",
    "days of cover": "days_of_cover",
    "lost sales": "lost_sales_units",
    "Forecast": "forecast_units",
    "ROAS": "roas",
    "ROI": "roi",
    "CAC": "cac",
    "Late event": "late_event_share",
    "Duplicate": "duplicate_event_share",
    "robot": "bot_session_share",
    "Rejected": "rejected_event_share",
    "total_difference": "total_difference",
}

MF = Path(sys.executable).parent / "mf"
MONTH = "metric_time__month"
SQL_WORDS = {"and", "case", "else", "end", "in", "is", "not", "null", "or", "then", "when"}

# What orders, lines and refunds fill; the metrics of these marts are compared on UCI's shop too.
UCI_MARTS = (
    *("fct_orders", "fct_order_lines", "fct_sales_ledger", "dim_customers", "dim_products"),
    *("fct_customer_value", "fct_customer_churn", "rpt_cohort_retention", "rpt_product_daily"),
    "metricflow_time_spine",
)
UCI_ROWS = (
    ROLLING[1],
    *(POSTINGS, ORDERS, MONEY_AND_ORDERS, CUSTOMERS, CUSTOMER_VALUES, CUSTOMER_CHURN, COHORTS),
    *(PRODUCTS, ORDER_LINES),
)
UCI_METRICS = [name for rows in UCI_ROWS for name in rows.metrics]


@pytest.fixture(scope="module")
def layer(parsed_project: Project, tmp_path_factory: pytest.TempPathFactory) -> SemanticLayer:
    """The project's semantic layer and MetricFlow's engine."""
    return SemanticLayer.load(parsed_project, tmp_path_factory.mktemp("semantic"))


@pytest.fixture(scope="module")
def uci(
    new_warehouse: NewWarehouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """UCI's "Online Retail": the marts that orders alone fill."""
    raw = reference("uci_online_retail/online_retail_2010_2011.parquet")
    with new_warehouse() as built:
        files = uci_online_retail.write_mapped(raw, tmp_path_factory.mktemp("uci"))
        for table, file in files.items():
            land_file(built.zone, table, file)
        built.build([f"+{mart}" for mart in UCI_MARTS])
        with built.connection() as connection:
            connection.execute("use marts")
            yield connection


@pytest.fixture(scope="module")
def demo(demo_copy: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The marts of the demo shop."""
    with warehouse_of_copy(demo_copy) as connection:
        yield connection


def metric_agg(layer: SemanticLayer, metric: Any) -> str:
    """How the measure of a simple metric is aggregated."""
    aggregations = {
        measure.name: str(measure.agg.value)
        for model in layer.manifest.semantic_models
        for measure in model.measures
    }
    return aggregations[metric.type_params.measure.name]


def test_every_metric_has_a_label_and_says_what_it_is(layer: SemanticLayer) -> None:
    metrics = layer.metrics
    assert [m.name for m in metrics if not m.label or not m.description] == []
    assert len({m.label for m in metrics}) == len(metrics)


def test_descriptions_say_what_adds_up(layer: SemanticLayer) -> None:
    wrong = []
    for metric in layer.metrics:
        if metric.type.value in ("ratio", "derived"):
            says_so = metric.description.endswith("A ratio: never add it up or average it.")
        elif metric_agg(layer, metric) != "count_distinct":
            says_so = bool(re.search(r"\b(Additive|Not additive)\b", metric.description))
        else:
            # The only distinct counts that add up are of what everybody has once.
            expected = "Additive, since" if metric.name.startswith("new_") else "Not additive"
            says_so = expected in metric.description
        if not says_so:
            wrong.append(metric.name)
    assert wrong == []


def test_every_headline_number_of_the_definitions_is_a_metric(layer: SemanticLayer) -> None:
    definitions = (PROJECT_ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert [term for term in HEADLINES if term not in definitions] == []
    assert set(HEADLINES.values()) <= {metric.name for metric in layer.metrics}


def test_semantic_models_name_columns_of_public_marts(layer: SemanticLayer) -> None:
    marts = {mart.name: mart for mart in public_marts()}
    unknown, personal = [], []
    for model in layer.manifest.semantic_models:
        mart = marts[model.node_relation.alias]
        for element in (*model.entities, *model.dimensions, *model.measures):
            expression = re.sub(r"'[^']*'", "", element.expr or element.name)
            columns = set(re.findall(r"[a-z_]\w*", expression)) - SQL_WORDS
            assert columns, f"{model.name}.{element.name} reads no column"
            unknown += [f"{model.name}.{column}" for column in columns - {*mart.columns}]
            personal += [f"{model.name}.{column}" for column in columns & {*mart.personal}]
    assert (unknown, personal) == ([], [])


def test_every_measure_is_in_a_metric(layer: SemanticLayer) -> None:
    measures = {m.name for model in layer.manifest.semantic_models for m in model.measures}
    used = {
        metric.type_params.measure.name for metric in layer.metrics if metric.type.value == "simple"
    }
    assert measures == used


def test_every_metric_has_sql_by_hand(layer: SemanticLayer) -> None:
    assert {metric.name for metric in layer.metrics} == set(BY_HAND)
    assert sum(len(rows.metrics) for rows in ALL_ROWS) == len(BY_HAND)


def agree(ours: Any, theirs: Any) -> bool:
    """Equal numbers, floating-point ones up to their rounding."""
    if isinstance(ours, float) or isinstance(theirs, float):
        if ours is None or theirs is None:
            return ours is theirs
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def differences(found: Sequence[tuple[Any, ...]], expected: Sequence[tuple[Any, ...]]) -> list[str]:
    """How two answers differ: groups that only one has, and values."""
    ours, theirs = ({row[:-1]: row[-1] for row in rows} for rows in (found, expected))
    assert len(ours) == len(found), "a group comes twice"
    lines = [f"{group} only here" for group in ours.keys() - theirs.keys()]
    lines += [f"{group} only by hand" for group in theirs.keys() - ours.keys()]
    return lines + [
        f"{group}: {ours[group]}, by hand {theirs[group]}"
        for group in ours.keys() & theirs.keys()
        if not agree(ours[group], theirs[group])
    ]


def groupings(rows: Rows) -> dict[str, str]:
    """What to group a metric by, as MetricFlow names it, and the same in SQL; '' is overall."""
    days = (
        {}
        if rows.day is None
        else {
            "metric_time__day": rows.day,
            "metric_time__month": f"date_trunc('month', {rows.day})",
        }
    )
    return {**({"": ""} if rows.has_total else {}), **days, **rows.columns}


def as_of_groups(group: str, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows with the moment of MetricFlow's time groups as the date that it is."""
    if not group.startswith("metric_time"):
        return list(rows)
    return [(None if row[0] is None else str(row[0])[:10], *row[1:]) for row in rows]


def disagreements(
    layer: SemanticLayer,
    connection: duckdb.DuckDBPyConnection,
    metric: str,
    groups: Mapping[str, str] | None = None,
) -> list[str]:
    """Where MetricFlow and the SQL by hand give different numbers for a metric."""
    rows = BY_HAND[metric]
    wrong = []
    for group, column in (groups or groupings(rows)).items():
        found = layer.query(connection, [metric], [group] if group else [])
        head, tail = (f"{column} as grouped, ", " group by grouped") if group else ("", "")
        sql = f"select {head}{rows.metrics[metric]} from {rows.source} as source{tail}"
        expected = connection.execute(sql).fetchall()
        lines = differences(as_of_groups(group, found), as_of_groups(group, expected))
        wrong += [f"{metric} by {group or 'nothing'}: {line}" for line in lines]
    return wrong


def overall(
    layer: SemanticLayer, connection: duckdb.DuckDBPyConnection, metric: str
) -> list[tuple[Any, ...]]:
    """A metric over everything, or by month where it has no total."""
    return layer.query(connection, [metric], [] if BY_HAND[metric].has_total else [MONTH])


@pytest.mark.parametrize("metric", BY_HAND)
def test_metricflow_and_sql_by_hand_agree_on_the_demo_shop(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    assert disagreements(layer, demo, metric)[:5] == []


def test_metricflow_and_sql_by_hand_agree_where_much_is_left_out_or_unknown(
    layer: SemanticLayer, demo_copy: Path
) -> None:
    """The demo's robots never buy and all its rates are known: here filters and nulls matter."""
    with warehouse_of_copy(demo_copy) as gaps:
        for mart, columns in GAPS.items():
            source = f"select * replace ({columns}) from published.main.{mart}"
            gaps.execute(f"create or replace view {mart} as {source}")
        wrong = [
            line
            for rows in ROWS_WITH_GAPS
            for metric in rows.metrics
            for line in disagreements(layer, gaps, metric, {"": ""})
        ]
        assert wrong == []
        unknown = layer.query(gaps, ["unconverted_postings", "unconverted_spend_rows"])
        assert min(unknown[0]) > 0
        coverage = layer.query(gaps, ["margin_coverage", "attributed_margin_coverage"])
        assert 0 < min(coverage[0]) < max(coverage[0]) < 1


def test_the_demo_shop_has_a_number_for_every_metric(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    answers = {metric: overall(layer, demo, metric)[-1][-1] for metric in BY_HAND}
    assert [metric for metric, answer in answers.items() if answer is None] == []
    zero = {metric for metric, answer in answers.items() if answer == 0}
    assert zero <= {"unconverted_postings", "unconverted_spend_rows", "total_difference"}


@pytest.mark.parametrize("metric", IN_REPORTS)
def test_metrics_are_what_the_reports_state(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    found = layer.query(demo, [metric], ["metric_time__day"])
    stated = demo.execute(f"{IN_REPORTS[metric]} group by 1").fetchall()
    assert len(stated) >= 1
    day = "metric_time__day"
    unequal = differences(as_of_groups(day, found), as_of_groups(day, stated))
    # A report has rows of days on which only its other numbers happened.
    assert [line for line in unequal if not line.endswith("only by hand")] == []
    days = {group for group, _ in as_of_groups(day, found)}
    missing = [row for row in as_of_groups(day, stated) if row[0] not in days]
    assert [row for row in missing if row[1]] == []


def test_sales_in_the_reporting_currency_are_those_of_the_sales_report(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    names = ["gross_sales", "discounts", "returns", "net_sales", "tax", "shipping", "total_sales"]
    found = layer.query(demo, names, ["posting__currency"])
    reporting = demo.execute(
        "select reporting_currency from published.about.published_copy"
    ).fetchall()[0][0]
    sums = ", ".join(f"sum({name})" for name in names)
    stated = demo.execute(
        f"select currency, {sums} from rpt_sales_daily where currency = ? group by 1", [reporting]
    ).fetchall()
    assert [row for row in found if row[0] == reporting] == stated


def test_models_of_attribution_divide_the_same_revenue(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    names = [f"attributed_revenue_{model}" for model in MODELS]
    (totals,) = layer.query(demo, [*names, "attributed_revenue"])
    assert len(set(totals)) == 1
    assert totals[0] > 0


def test_marts_of_different_grain_meet_in_one_query(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection
) -> None:
    found = layer.query(demo, ["sessions", "ad_spend", "carts"], ["traffic_channel"])
    expected = demo.execute(
        "select channel, sessions, ad_spend, carts from"
        " (select channel, count(*) as sessions from fct_sessions where not is_bot group by 1)"
        " full join (select channel, sum(spend) as ad_spend from rpt_campaign_daily group by 1)"
        " using (channel)"
        " full join (select channel, count(*) as carts from fct_carts group by 1) using (channel)"
    ).fetchall()
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("metric", ["visitors_28_days", "ordering_customers_28_days"])
def test_a_month_has_the_rolling_count_of_its_last_day(
    layer: SemanticLayer, demo: duckdb.DuckDBPyConnection, metric: str
) -> None:
    days = sorted(layer.query(demo, [metric], ["metric_time__day"]))
    last_of_month = {f"{day:%Y-%m}": count for day, count in days}
    months = layer.query(demo, [metric], [MONTH])
    assert {f"{month:%Y-%m}": count for month, count in months} == last_of_month
    assert len(months) == len(last_of_month) > 1


def test_without_data_counts_are_empty_and_every_ratio_is_null(
    layer: SemanticLayer, demo_copy: Path
) -> None:
    with warehouse_of_copy(demo_copy) as empty:
        for mart in public_marts():
            empty.execute(
                f"create or replace view {mart.name} as from published.main.{mart.name} limit 0"
            )
        answers = {metric: overall(layer, empty, metric) for metric in BY_HAND}
    ratios = [m.name for m in layer.metrics if m.type.value in ("ratio", "derived")]
    assert {name for name in ratios if answers[name] not in ([], [(None,)])} == set()
    assert {name for name, rows in answers.items() if rows and rows[0][0]} == set()


def test_the_table_of_metrics_is_that_of_the_yaml() -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert text == with_catalogue(text, subjects()), "run python -m shoptrack.metric_catalogue"


def test_the_table_of_metrics_says_what_metricflow_knows(layer: SemanticLayer) -> None:
    marts = {
        measure.name: model.node_relation.alias
        for model in layer.manifest.semantic_models
        for measure in model.measures
    }
    listed = {metric.name: metric for subject in subjects() for metric in subject.metrics}
    assert set(listed) == {metric.name for metric in layer.metrics}
    for metric in layer.metrics:
        if metric.type.value == "simple":
            mart = marts[metric.type_params.measure.name]
            assert listed[metric.name].marts == (mart,), metric.name
        assert (listed[metric.name].additive == "ratio") == (
            metric.type.value in ("ratio", "derived")
        )
    assert set(listed["aov"].marts) == {"fct_sales_ledger", "fct_orders"}
    groups = [name for subject in subjects() for names in subject.groups.values() for name in names]
    known = {name for rows in ALL_ROWS for name in rows.columns if "metric_time" not in name}
    assert known <= set(groups)


def test_a_text_without_marks_takes_no_table() -> None:
    with pytest.raises(ValueError, match="lacks the line <!-- metrics: begin"):
        with_catalogue("# Metrics", ())


def examples_of_the_guide() -> list[tuple[str, str]]:
    """Commands of docs/metrics.md and what they are said to print."""
    text = CATALOGUE.read_text(encoding="utf-8")
    return re.findall(r"```console\n\$ (mf query [^\n]+)\n(.*?)```", text, re.DOTALL)


def test_the_examples_of_the_guide_print_what_it_shows(
    layer: SemanticLayer, demo_copy: Path, tmp_path: Path
) -> None:
    warehouse = write_warehouse(demo_copy, tmp_path)
    project = project_to_query(layer, tmp_path / "project")
    settings = {"SHOPTRACK_WAREHOUSE": warehouse, "SHOPTRACK_LANDING": tmp_path / "landing"}
    environment = {**os.environ, **{name: str(path) for name, path in settings.items()}}
    examples = examples_of_the_guide()
    assert len(examples) == 3
    for command, shown in examples:
        printed = subprocess.run(
            [MF, *shlex.split(command)[1:], "--quiet"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        lines = [line.rstrip() for line in printed.splitlines()]
        if os.environ.get("SHOPTRACK_RENEW_SNAPSHOTS"):
            guide = CATALOGUE.read_text(encoding="utf-8")
            renewed = "".join(f"{line}\n" for line in lines)
            CATALOGUE.write_text(guide.replace(shown, renewed), encoding="utf-8")
        assert lines == shown.splitlines()


def test_ucis_published_figures_come_out_of_the_metrics(
    layer: SemanticLayer, uci: duckdb.DuckDBPyConnection
) -> None:
    money = ["gross_sales", "returns", "discounts"]
    counts = ["orders", "ordering_customers", "new_customers", "buyers", "repeat_buyers"]
    published = ["10655622.48", "896812.49", "0.00"]
    assert [str(value) for value in layer.query(uci, money)[0]] == published
    assert layer.query(uci, counts) == [(19959, 4338, 4338, 4338, 2845)]
    assert layer.query(uci, ["repeat_purchase_rate"]) == [(2845 / 4338,)]
    assert layer.query(uci, ["aov"]) == [(pytest.approx(10655622.48 / 19959),)]


def test_the_time_spine_has_every_day_of_the_data_once(uci: duckdb.DuckDBPyConnection) -> None:
    spine = "select count(*), count(distinct date_day), min(date_day), max(date_day)"
    days = "select max(day) - min(day) + 1, max(day) - min(day) + 1, min(day), max(day)"
    expected = f"{days} from (select posting_date as day from fct_sales_ledger)"
    found = uci.execute(f"{spine} from semantic.metricflow_time_spine").fetchall()
    assert found == uci.execute(expected).fetchall()
    assert found[0][0] == 374


def test_metricflow_and_sql_by_hand_agree_on_ucis_shop(
    layer: SemanticLayer, uci: duckdb.DuckDBPyConnection
) -> None:
    wrong = [line for metric in UCI_METRICS for line in disagreements(layer, uci, metric)]
    assert wrong[:5] == []
