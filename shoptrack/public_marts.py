"""The public marts, read from the YAML of the dbt project: what BI tools may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from shoptrack.contract import PROJECT_ROOT

_DOC_BLOCK = re.compile(r"{% docs (?P<name>\w+) %}(?P<text>.*?){% enddocs %}", re.DOTALL)
_DOC_CALL = re.compile(r"{{ *doc\(['\"](?P<name>\w+)['\"]\) *}}")


@dataclass(frozen=True)
class Mart:
    """A mart as it is called in the warehouse, older versions with their suffix.

    description, descriptions: of the mart and of its columns, in their order. key: its primary
    key. dates: its date columns. personal: columns that say something about one person beyond a
    pseudonym.
    """

    name: str
    description: str
    columns: tuple[str, ...]
    descriptions: tuple[str, ...]
    key: tuple[str, ...]
    dates: tuple[str, ...]
    personal: tuple[str, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """Columns to sort by: date first, because that is what people filter by."""
        return tuple(dict.fromkeys((*self.dates[:1], *self.key)))


@cache
def public_marts() -> tuple[Mart, ...]:
    """Return all versions of all marts, by name."""
    files = (PROJECT_ROOT / "models" / "marts").rglob("_*__models.yml")
    models = [
        model
        for file in files
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
    ]
    marts = [_mart(model, version["v"]) for model in models for version in model["versions"]]
    return tuple(sorted(marts, key=lambda mart: mart.name))


def _mart(model: dict[str, Any], version: int) -> Mart:
    suffix = "" if version == model["latest_version"] else f"_v{version}"
    columns = model["columns"]
    keys = [test["primary_key"] for test in model["data_tests"] if "primary_key" in test]
    return Mart(
        name=model["name"] + suffix,
        description=_description(model),
        columns=tuple(column["name"] for column in columns),
        descriptions=tuple(map(_description, columns)),
        key=tuple(keys[0]["arguments"]["columns"]),
        dates=tuple(column["name"] for column in columns if column["data_type"] == "date"),
        personal=tuple(column["name"] for column in columns if _is_personal(column)),
    )


def _description(described: dict[str, Any]) -> str:
    """What dbt makes of a description: calls of `doc` become the texts of models/docs.md."""
    return _DOC_CALL.sub(lambda call: _doc_blocks()[call["name"]], described["description"])


@cache
def _doc_blocks() -> dict[str, str]:
    text = (PROJECT_ROOT / "models" / "docs.md").read_text(encoding="utf-8")
    return {block["name"]: block["text"].strip() for block in _DOC_BLOCK.finditer(text)}


def _is_personal(column: dict[str, Any]) -> bool:
    return bool(column.get("config", {}).get("meta", {}).get("personal"))
