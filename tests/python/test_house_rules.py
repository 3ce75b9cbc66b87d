"""House rules of the dbt project, checked on what dbt itself parsed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shoptrack.contract import PROJECT_ROOT, adapters
from shoptrack.public_marts import public_marts
from tests.python.warehouse import VARS_THAT_ARE_NO_RULES, Project

LONGEST_MODEL_LINES = 120
# Views whose rows stand one by one in a table that has the test (int_events_sessionized,
# int_cart_steps, fct_attribution, int_funnel_entries_followed, int_identity_links_judged), that are
# grouped by their key, or come from such tables: one scan, not two or three.
TESTED_ELSEWHERE = {
    "int_cart_activities",
    "int_categories_browsed",
    "int_events_arrived",
    "int_events_incoming",
    "int_funnel_steps_reached",
    "int_identity_links_screened",
    "int_touches_credited",
    "int_touches_weighted",
}
VAR = r"""\bvar\(['"](\w+)['"]"""
# Names that say something about one person; the second ones do so only where a row is one.
PERSONAL = r"(^|_)(email|phone|address|birth_year|birth_date|raw|first_name|last_name)(_|$)"
PERSONAL_OF_ONE = r"^(gender|age_bracket|income_bracket|household_size)$"
MAY_READ = {
    "staging": {"source", "stg_landing__files"},  # and what may_read says about adapters
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"staging", "intermediate", "marts", "seed"},
    "semantic": {"marts"},
}


def layer(node: Any) -> str:
    """Folder of a model below models/, `seed` for a seed."""
    return "seed" if node.resource_type.value == "seed" else str(node.fqn[1])


def adapter_of(node: Any) -> str:
    """Folder of a staged model that belongs to an adapter, blank for every other node."""
    return str(node.fqn[2]) if layer(node) == "staging" and node.fqn[2] in adapters() else ""


def owner_of(node: Any) -> str:
    """The adapter that a node is there for; seeds and their tests say it in their name."""
    if len(node.fqn) > 2:
        return str(node.fqn[2])
    return next((name for name in adapters() if f"{name}_" in node.name), "")


def may_read(model: Any, parent: Any) -> bool:
    """Whether a model may read another one, or a seed."""
    if layer(model) == "staging" and adapter_of(parent):
        given = parent.name.removeprefix(f"stg_{adapter_of(parent)}__")
        fed = (f"stg_web__{given}", f"stg_shop__{given}")
        return adapter_of(model) == adapter_of(parent) or model.name in fed
    if adapter_of(model) and layer(parent) == "seed":
        return bool(parent.name.startswith(f"{adapter_of(model)}_"))
    return bool({layer(parent), parent.name} & MAY_READ[layer(model)])


@pytest.fixture(scope="module")
def nodes(adapted_project: Project) -> dict[str, Any]:
    """Nodes of the project with every adapter on, which is every node that there is."""
    found: dict[str, Any] = adapted_project.manifest.nodes
    return found


@pytest.fixture(scope="module")
def models(nodes: dict[str, Any]) -> list[Any]:
    return [node for node in nodes.values() if node.resource_type.value == "model"]


def sql(node: Any) -> str:
    return Path(PROJECT_ROOT / node.original_file_path).read_text(encoding="utf-8")


def test_layers_read_only_the_layers_below(models: list[Any], nodes: dict[str, Any]) -> None:
    wrong = []
    for model in models:
        for parent in model.depends_on.nodes:
            if parent.startswith("source."):
                if "source" not in MAY_READ[layer(model)]:
                    wrong.append(f"{model.name} reads {parent}")
            elif not may_read(model, nodes[parent]):
                wrong.append(f"{model.name} reads {nodes[parent].name}")
    assert wrong == []


def test_models_hold_no_engine_branch_and_no_short_cast(models: list[Any]) -> None:
    forbidden = re.compile(r"target\.(type|name)|adapter\.type|::")
    assert [model.name for model in models if forbidden.search(sql(model))] == []


def test_every_mart_is_contracted_versioned_public_and_described(models: list[Any]) -> None:
    wrong = []
    for model in (model for model in models if layer(model) == "marts"):
        if not model.config.contract.enforced:
            wrong.append(f"{model.name} has no contract")
        if not model.version or not model.latest_version:
            wrong.append(f"{model.name} has no version")
        if model.access.value != "public":
            wrong.append(f"{model.name} is not public")
        wrong += [
            f"{model.name}.{column.name} is not described"
            for column in model.columns.values()
            if not column.description.strip()
        ]
    assert wrong == []


def test_a_column_of_three_marts_has_one_description(
    adapted_project: Project, models: list[Any]
) -> None:
    blocks = {block.name: block.block_contents for block in adapted_project.manifest.docs.values()}
    described: dict[str, list[str]] = {}
    for model in (model for model in models if layer(model) == "marts"):
        for column in model.columns.values():
            described.setdefault(column.name, []).append(column.description)
    wrong = [
        name
        for name, texts in described.items()
        if len(texts) >= 3 and not all(text.startswith(blocks.get(name, "?")) for text in texts)
    ]
    assert wrong == []


def test_columns_that_say_personal_things_are_marked(models: list[Any]) -> None:
    personal, unmarked = set(), []
    for model in (model for model in models if layer(model) == "marts"):
        is_of_one = model.name.startswith(("fct_", "dim_"))
        for name, column in model.columns.items():
            if re.search(PERSONAL, name) or (is_of_one and re.search(PERSONAL_OF_ONE, name)):
                personal.add(name)
                if column.config.meta.get("personal") is not True:
                    unmarked.append(f"{model.name}.{name}")
    assert unmarked == []
    assert {"birth_year", "raw", "gender", "age_bracket"} <= personal


def test_what_is_published_is_what_dbt_parsed(models: list[Any], nodes: dict[str, Any]) -> None:
    keys = {
        node.attached_node: tuple(node.test_metadata.kwargs["columns"])
        for node in nodes.values()
        if getattr(getattr(node, "test_metadata", None), "name", None) == "primary_key"
    }
    parsed = {
        model.alias: (
            model.description,
            tuple(model.columns),
            tuple(column.description for column in model.columns.values()),
            keys[model.unique_id],
            tuple(name for name, c in model.columns.items() if c.data_type == "date"),
            tuple(name for name, c in model.columns.items() if c.config.meta.get("personal")),
        )
        for model in models
        if model.access.value == "public"
    }
    published = {
        m.name: (m.description, m.columns, m.descriptions, m.key, m.dates, m.personal)
        for m in public_marts()
    }
    assert published == parsed


def test_models_outside_the_marts_are_not_public(models: list[Any]) -> None:
    public = [model.name for model in models if model.access.value == "public"]
    assert [name for name in public if not re.match("(fct|dim|rpt)_", name)] == []


def test_every_description_says_what_a_row_is(models: list[Any]) -> None:
    assert [m.name for m in models if not m.description.startswith("One row per ")] == []


def test_every_table_has_a_primary_key_test(models: list[Any], nodes: dict[str, Any]) -> None:
    tested = {
        parent
        for node in nodes.values()
        if node.resource_type.value == "test"
        and getattr(getattr(node, "test_metadata", None), "name", None) == "primary_key"
        for parent in node.depends_on.nodes
    }
    untested = {
        model.name
        for model in models
        if layer(model) != "staging" and model.unique_id not in tested
    }
    assert untested == TESTED_ELSEWHERE


def test_every_declared_test_is_enabled(adapted_project: Project) -> None:
    disabled = [
        node.name
        for group in adapted_project.manifest.disabled.values()
        for node in group
        if node.resource_type.value in ("test", "unit_test")
    ]
    assert disabled == []


def test_models_are_short(models: list[Any]) -> None:
    lines = {model.name: sql(model).count("\n") for model in models}
    assert {name: n for name, n in lines.items() if n > LONGEST_MODEL_LINES} == {}


def test_what_is_redone_by_keys_sees_all_that_its_rows_depend_on(
    models: list[Any], nodes: dict[str, Any]
) -> None:
    """Its inputs are redone by keys themselves, or small, and then it looks at all of their rows.

    Where a row of an input says no more than its name does, there is nothing to look at.
    """
    redone = [m for m in models if m.config.incremental_strategy == "redo_keys"]
    assert len(redone) >= 5
    for model in redone:
        meta = model.config.meta
        assert isinstance(model.config.unique_key, list), model.name
        assert isinstance(meta["redone_by"], list), model.name
        # Without keys it makes all rows anew, whatever they depend on.
        if meta["redone_by"] and not {"touched_in", "read_from"} & set(meta):
            unseen = unseen_inputs(model, nodes)
            small = {*meta.get("looked_up", []), *meta.get("named_by_content", [])}
            assert unseen == small, (model.name, unseen)


def test_rows_that_are_redone_are_known_by_their_tested_key(
    models: list[Any], nodes: dict[str, Any]
) -> None:
    """A key that may be null, or that two rows share, would leave rows that should have left."""
    tested: dict[str, list[set[str]]] = {}
    for node in nodes.values():
        if getattr(node, "test_metadata", None) and node.test_metadata.name == "primary_key":
            columns = set(node.test_metadata.kwargs["columns"])
            tested.setdefault(node.attached_node, []).append(columns)
    wrong = [
        model.name
        for model in models
        if model.config.incremental_strategy == "redo_keys"
        and set(model.config.unique_key) not in tested.get(model.unique_id, [])
    ]
    assert wrong == []


def unseen_inputs(model: Any, nodes: dict[str, Any]) -> set[str]:
    """Tables that a model reads, also through views, and that are not redone by keys."""
    found = set()
    for unique_id in model.depends_on.nodes:
        node = nodes.get(unique_id)
        if node is None or node.resource_type.value != "model":
            continue
        if node.config.materialized == "view":
            found |= unseen_inputs(node, nodes)
        elif node.config.incremental_strategy != "redo_keys":
            found.add(node.name)
    return found


def test_vars_behind_stored_rows_are_part_of_their_definition(
    models: list[Any], nodes: dict[str, Any]
) -> None:
    used: set[str] = set()
    unseen = [m.unique_id for m in models if m.config.materialized == "incremental"]
    for unique_id in unseen:
        node = nodes.get(unique_id)
        # What makes all of its rows anew tells the models after it what changed.
        is_new = node is not None and node.config.meta.get("redone_by") == []
        if node is not None and node.resource_type.value == "model" and not is_new:
            used |= set(re.findall(VAR, sql(node)))
            unseen += [p for p in node.depends_on.nodes if p not in unseen]
    for macro in Path(PROJECT_ROOT / "macros").rglob("*.sql"):
        used |= set(re.findall(VAR, macro.read_text(encoding="utf-8")))
    macro_text = (PROJECT_ROOT / "macros/incremental/definition_hash.sql").read_text("utf-8")
    listed = set(re.findall(r"'(\w+)'", macro_text.split("macro rule_vars")[1]))
    assert used - VARS_THAT_ARE_NO_RULES == listed


def test_seeds_and_sources_are_described(adapted_project: Project, nodes: dict[str, Any]) -> None:
    seeds = [node for node in nodes.values() if node.resource_type.value == "seed"]
    sources = list(adapted_project.manifest.sources.values())
    assert [n.name for n in [*seeds, *sources] if not n.description.strip()] == []
    columns = [column for source in sources for column in source.columns.values()]
    assert [column.name for column in columns if not column.description.strip()] == []


def test_an_adapter_that_is_off_is_not_there(
    parsed_project: Project, adapted_project: Project
) -> None:
    off, on = parsed_project.manifest, adapted_project.manifest
    for name, found in {"nodes": on.nodes, "sources": on.sources}.items():
        added = set(found) - set(getattr(off, name))
        assert {owner_of(found[key]) for key in added} == set(adapters())
        assert set(getattr(off, name)) <= set(found)
    staged = {unit.model.removeprefix("stg_").split("__")[0] for unit in off.unit_tests.values()}
    assert staged & set(adapters()) == set()
