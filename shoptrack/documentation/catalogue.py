"""What the parsed dbt project says of the marts: columns, keys and how they refer to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# As the README names them; subjects that it does not know come after, by name.
SUBJECTS = (
    *("traffic", "funnel", "sales", "customers", "products", "inventory", "pricing"),
    *("marketing", "experiments", "quality"),
)


@dataclass(frozen=True)
class Column:
    """A column of a mart; a personal one is left out of the published copy."""

    name: str
    data_type: str
    description: str
    is_personal: bool


@dataclass(frozen=True)
class Mart:
    """A mart under its name in the warehouse; dbt_id is how dbt's docs call it."""

    name: str
    subject: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    dbt_id: str

    @property
    def grain(self) -> str:
        """First sentence of the description, which begins with "One row per"."""
        return self.description.split(". ")[0].rstrip(".") + "."

    @property
    def more(self) -> str:
        """What the description says after its first sentence."""
        return self.description[len(self.grain) :].strip()


@dataclass(frozen=True, order=True)
class Reference:
    """A column whose values are found in a column of another mart.

    is_tested: a test of dbt proves it in every build, of the rows for which `condition` holds, if
    there is one. Else the column may be joined by (`joins` in its meta), and some of its values may
    be missing there.
    """

    mart: str
    column: str
    target: str
    target_column: str
    is_tested: bool
    condition: str = ""


@dataclass(frozen=True)
class Catalogue:
    """All marts, by subject and name, and the references among them."""

    marts: tuple[Mart, ...]
    references: tuple[Reference, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """Subjects that have marts, in the order in which they are shown."""
        return tuple(dict.fromkeys(mart.subject for mart in self.marts))

    def of(self, subject: str) -> tuple[Mart, ...]:
        """Marts of a subject, by name."""
        return tuple(mart for mart in self.marts if mart.subject == subject)


def read_catalogue(manifest: Mapping[str, Any]) -> Catalogue:
    """Read dbt's manifest, as it stands in manifest.json.

    Raises ValueError when a column is said to refer to one that no mart has.
    """
    nodes = manifest["nodes"]
    models = {
        name: node
        for name, node in nodes.items()
        if node["resource_type"] == "model" and node["fqn"][1] == "marts"
    }
    tests = [node for node in nodes.values() if node.get("attached_node") in models]
    keys = {
        test["attached_node"]: tuple(test["test_metadata"]["kwargs"]["columns"])
        for test in _generic(tests, "primary_key")
    }
    marts = [_mart(node, keys.get(name, ())) for name, node in models.items()]
    references = {*_tested(models, tests), *_joins(models.values())}
    _refuse_unknown(references, marts)
    return Catalogue(tuple(sorted(marts, key=_place)), tuple(sorted(references)))


def _refuse_unknown(references: Iterable[Reference], marts: Iterable[Mart]) -> None:
    columns = {(mart.name, column.name) for mart in marts for column in mart.columns}
    for reference in references:
        target = (reference.target, reference.target_column)
        if target not in columns:
            raise ValueError(
                f"{reference.mart}.{reference.column} refers to {'.'.join(target)},"
                " which no mart has: mend the YAML"
            )


def _place(mart: Mart) -> tuple[int, str, str]:
    known = mart.subject in SUBJECTS
    return (SUBJECTS.index(mart.subject) if known else len(SUBJECTS), mart.subject, mart.name)


def _mart(node: Mapping[str, Any], key: tuple[str, ...]) -> Mart:
    return Mart(
        name=node["alias"],
        subject=node["fqn"][2],
        description=" ".join(node["description"].split()),
        key=key,
        columns=tuple(_column(column) for column in node["columns"].values()),
        dbt_id=node["unique_id"],
    )


def _column(column: Mapping[str, Any]) -> Column:
    return Column(
        name=column["name"],
        data_type=column["data_type"] or "",
        description=" ".join(column["description"].split()),
        is_personal=bool(_meta(column).get("personal")),
    )


def _meta(column: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = column.get("config", {}).get("meta", {})
    return meta


def _generic(tests: Iterable[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [test for test in tests if (test.get("test_metadata") or {}).get("name") == name]


def _tested(
    models: Mapping[str, Mapping[str, Any]], tests: Iterable[Mapping[str, Any]]
) -> Iterable[Reference]:
    for test in _generic(tests, "relationships"):
        child = test["attached_node"]
        arguments = test["test_metadata"]["kwargs"]
        for parent in set(test["depends_on"]["nodes"]) & models.keys() - {child}:
            yield Reference(
                models[child]["alias"],
                arguments["column_name"],
                models[parent]["alias"],
                arguments["field"],
                is_tested=True,
                condition=test["config"].get("where") or "",
            )


def _joins(models: Iterable[Mapping[str, Any]]) -> Iterable[Reference]:
    for node in models:
        for column in node["columns"].values():
            if joins := _meta(column).get("joins"):
                target, _, target_column = joins.partition(".")
                yield Reference(node["alias"], column["name"], target, target_column, False)
