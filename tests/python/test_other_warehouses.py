"""docs/other_warehouses.md is true: what models use, and what other dialects make of it."""

from __future__ import annotations

import pytest
import sqlglot

from shoptrack.contract import PROJECT_ROOT
from tests.python.model_texts import ModelText, dispatched_macros, model_texts
from tests.python.other_warehouses import (
    DIALECTS,
    WRITTEN_IN,
    Row,
    callers,
    can_be_read,
    constructs,
    faults,
    models_to_change,
    rows_of,
    sqlglot_name,
    summary,
    unreadable,
    uses,
)

PAGE = (PROJECT_ROOT / "docs" / "other_warehouses.md").read_text(encoding="utf-8")
MACROS = rows_of(PAGE, "## Macros that need a version")
CONSTRUCTS = rows_of(PAGE, "## Constructs in models")
# A text with each construct of the page.
SAMPLES = {
    "try_cast": "try_cast('1' as bigint)",
    "double": "cast(a as double)",
    "timestamp": "cast(a as timestamp)",
    "decimal(38, 8)": "cast(a as decimal(38, 8))",
    "greatest": "greatest(a, b)",
    "least": "least(a, b)",
    "interval '1' day": "a + interval '1' day",
    "from (select …)": "a from (select b from t)",
    "union": "1 union select 2",
    "concat_ws": "concat_ws('-', a, b)",
    "round(…, n)": "round(a, 2)",
    "/": "a / b",
    "(a, b) in (select …)": "(a, b) in (select c, d from t)",
    "(a, b) <= (c, d)": "(a, b) <= (c, d)",
    "year": "year(a)",
    "dayofweek": "dayofweek(a)",
    "date_trunc": "date_trunc('month', a)",
    "regexp_extract": "regexp_extract(a, 'b(c)', 1)",
    "(?…)": "regexp_replace(a, '(?:b)', '')",
    "window … as (…)": "sum(a) over w from t window w as (order by b)",
    "max_by": "max_by(a, b)",
    "min_by": "min_by(a, b)",
    "bool_or": "bool_or(a)",
    "bool_and": "bool_and(a)",
    "filter (where …)": "count(*) filter (where a)",
    "percentile_cont": "percentile_cont(0.9) within group (order by a)",
    "median": "median(a)",
    "bit_xor": "bit_xor(a)",
    "md5": "md5(a)",
    "position": "position(a in b)",
    "split_part": "split_part(a, '-', 1)",
    "%": "a % b",
    '"name"': 'a as "name"',
}
# sqlglot writes another function there that the dialect has as well.
SYNONYMS = {
    ("position", "Snowflake"): "charindex",
    ("position", "Databricks"): "locate",
    ("percentile_cont", "Databricks"): "percentile_approx",
}


@pytest.fixture(scope="module")
def models() -> tuple[ModelText, ...]:
    return model_texts()


@pytest.fixture(scope="module")
def used(models: tuple[ModelText, ...]) -> dict[str, set[str]]:
    return uses(models)


def told(wrong: list[str]) -> str:
    return "\n".join(["docs/other_warehouses.md:", *wrong])


def test_the_page_lists_every_macro_that_needs_a_version(models: tuple[ModelText, ...]) -> None:
    wrong = faults(MACROS, callers(models), dispatched_macros())
    assert not wrong, told(wrong)


def test_the_page_lists_every_construct_that_is_not_plain(used: dict[str, set[str]]) -> None:
    wrong = faults(CONSTRUCTS, used, set(used))
    assert not wrong, told(wrong)


def test_the_page_says_how_many_models_stand_as_they_are(
    models: tuple[ModelText, ...], used: dict[str, set[str]]
) -> None:
    lines = PAGE.splitlines()
    right = [line for line in summary(models, CONSTRUCTS, used) if line not in lines]
    assert not right, told(["How far it is: these lines are right", *right])


def test_the_page_counts_the_python_models() -> None:
    count = len(list((PROJECT_ROOT / "models").rglob("*.py")))
    assert f"**Python models**: there are {count}." in PAGE


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_sqlglot_cannot_parse_has_a_construct_that_the_page_says_is_not_there(
    models: tuple[ModelText, ...], used: dict[str, set[str]], dialect: str
) -> None:
    assert unreadable(models, dialect) - models_to_change(CONSTRUCTS, used, dialect) == set()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_sqlglot_spells_otherwise_the_page_does_not_call_known(dialect: str) -> None:
    known = {name for row in CONSTRUCTS if row.is_known_to(dialect) for name in row.names}
    functions = {name for name in SAMPLES if name.isidentifier()}
    spelt = {name: spelt_in(SAMPLES[name], dialect) for name in functions & known}
    otherwise = {name: text for name, text in spelt.items() if name not in text}
    expected = {name: word for (name, where), word in SYNONYMS.items() if where == dialect}
    assert otherwise.keys() == expected.keys()
    assert all(word in otherwise[name] for name, word in expected.items())


def spelt_in(sample: str, dialect: str) -> str:
    """What sqlglot makes of an expression in a dialect, in lower case."""
    written = f"select {sample}"
    return sqlglot.transpile(written, read=WRITTEN_IN, write=sqlglot_name(dialect))[0].lower()


def test_every_construct_of_the_page_is_found_where_it_stands() -> None:
    assert SAMPLES.keys() == {name for row in CONSTRUCTS for name in row.names}
    assert {name: constructs(f"select {text}") for name, text in SAMPLES.items()} == {
        name: {name} for name in SAMPLES
    }


def test_a_construct_that_nobody_judged_is_found() -> None:
    assert constructs("select list_sum([a]) from t qualify b = 1") == {"list_sum", "Qualify"}
    assert constructs("select cast(a as hugeint), [a for a in b] from t") >= {"int128"}


def test_what_is_plain_is_not_found() -> None:
    text = "with t as (select coalesce(a, 0) as a, count(*) as n from u group by a) select * from t"
    assert constructs(text) == set()
    assert constructs("select engine__to_utc(a), cast(b as double) / c from t") == {"double"}


def test_a_text_that_a_dialect_cannot_read_is_told() -> None:
    assert can_be_read("select 1 union select 2", "PostgreSQL")
    assert not can_be_read("select 1 union select 2", "BigQuery")


def test_a_page_that_is_wrong_is_told_where_and_what_is_right() -> None:
    page = (
        "## Table\n\n| a | models |\n|---|---|\n| `one`, `two` | 1 | yes |\n| `gone` | 0 | no |\n"
    )
    rows = rows_of(page, "## Table")
    assert rows[0] == Row(5, ("one", "two"), "1", ("yes",))
    found = {"one": {"m", "n"}, "two": {"n", "o"}, "new": {"m"}}
    assert faults(rows, found, set(found)) == [
        "`new` has no row: write one",
        "line 5: models is 1 and should be 3",
        "line 6: `gone` is nowhere: drop it",
    ]


def test_models_say_all_that_they_say_in_builds_that_continue(
    models: tuple[ModelText, ...],
) -> None:
    texts = {model.name: model.texts for model in models}
    first, continued = texts["int_events_sessionized"]
    assert "union all" in continued
    assert "union all" not in first
    assert len(texts["stg_landing__files"]) == 1
