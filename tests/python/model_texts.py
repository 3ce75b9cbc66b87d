"""The models' own SQL, without any engine's words.

Every SQL model is rendered with the project's macros, as in a first build and as in one that goes
on from what is stored. A macro that dispatches by engine, or one of dbt's own, stands there as a
call of its name with the SQL that it was given: what is left is what the models say themselves.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import yaml

from shoptrack.contract import PROJECT_ROOT, adapter_tables, adapters, tables

ENGINE = "engine__"  # before the name of a macro that dispatches
DBT = "dbt__"  # before the name of dbt's own
_MACRO = re.compile(r"\{%-? macro (\w+)\((.*?)\) -?%\}.*?\{%-? endmacro -?%\}", re.DOTALL)
# Parameters of dispatched macros that are no SQL: names of fields, paths, numbers.
_NO_SQL = {
    *("path", "name", "fields", "left_out", "separator", "withheld", "schema", "seconds"),
    *("position", "alias"),
}
# What is chosen so that models say all that they can.
_RULES = {
    "reporting_currency": "EUR",
    "as_of": "2025-03-01",
    "rebuild_from": "2025-03-01",
    "rebuild_to": "2025-03-02",
    "leading_trackers": [{"tracker": "web"}, {"tracker": "ga4", "from": "2025-03-01"}],
}
_NAMED = SimpleNamespace


@dataclass(frozen=True)
class ModelText:
    """SQL of a model: its different texts, and the dispatched macros that they call."""

    name: str
    texts: tuple[str, ...]
    macros: frozenset[str]


@cache
def model_texts() -> tuple[ModelText, ...]:
    """All SQL models of the project, those of adapters too."""
    ways = (_Rendering(is_continued=False), _Rendering(is_continued=True))
    found = []
    for path in sorted((PROJECT_ROOT / "models").rglob("*.sql")):
        texts = dict.fromkeys(way.render(path) for way in ways)
        macros = frozenset(set().union(*(way.called for way in ways)))
        found.append(ModelText(path.stem, tuple(texts), macros))
    return tuple(found)


def dispatched_macros() -> set[str]:
    """Names of the project's macros that have a version per engine."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in _macro_files())
    return set(re.findall(r"adapter\.dispatch\('(\w+)'\)", text))


def _macro_files() -> list[Path]:
    files = sorted((PROJECT_ROOT / "macros").rglob("*.sql"))
    return [path for path in files if path.parent.name != "spark"]


class _Return(Exception):  # noqa: N818  (no error: how a macro gives a value back)
    def __init__(self, value: Any) -> None:
        self.value = value


class _Relation(str):
    """A table by its name."""

    @property
    def identifier(self) -> str:
        """The name without the schema."""
        return self.rpartition(".")[2]


class _Row(tuple[str, ...]):
    """A row of an answer, as dbt gives it."""

    def values(self) -> tuple[str, ...]:
        """The values of its columns."""
        return tuple(self)


class _Dbt:
    """dbt's own macros: types as types, all else as a call."""

    def __getattr__(self, name: str) -> Callable[..., str]:
        if name.startswith("type_"):
            return lambda: "text" if name == "type_string" else name.removeprefix("type_")
        return lambda *args, **named: _call(DBT + name, [*args, *named.values()])


class _Rendering:
    """Renders models in one way; `called` has the dispatched macros of the last one."""

    def __init__(self, is_continued: bool) -> None:
        self.called: set[str] = set()
        self._is_continued = is_continued
        self._environment = jinja2.Environment(
            extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
        )
        self._vars = {**_project_vars(), "adapters": list(adapters())}
        self._vars |= _RULES if is_continued else {}
        self._parameters: dict[str, list[str]] = {}
        self._context: dict[str, Any] = {**self._environment.globals, **self._dbt_context()}
        for path in _macro_files():
            for match in _MACRO.finditer(path.read_text(encoding="utf-8")):
                self._parameters[match[1]] = re.findall(r"(\w+)(?:=[^,]*)?", match[2])
                self._context.setdefault(match[1], self._macro(match[1], match[0]))

    def render(self, path: Path) -> str:
        """The SQL of a model."""
        self.called = set()
        raw = path.read_text(encoding="utf-8")
        given: dict[str, Any] = {}
        reads = [f"model.shoptrack.{name}" for name in re.findall(r"\bref\('(\w+)'", raw)]
        self._context |= {
            "config": lambda **named: given.update(named) or "",
            "this": _Relation(path.stem),
            "model": _NAMED(
                name=path.stem,
                unique_id=f"model.shoptrack.{path.stem}",
                config=_Config(given),
                depends_on=_NAMED(nodes=reads),
            ),
        }
        return self._rendered(raw)

    def _rendered(self, text: str) -> str:
        # A module and no `render`: it shares the context with the macros, as in dbt.
        module = self._environment.from_string(text).make_module(self._context, shared=True)
        return str(module)

    def _macro(self, name: str, text: str) -> Callable[..., Any]:
        template = self._environment.from_string(text)

        def call(*args: Any, **named: Any) -> Any:
            module = template.make_module(self._context, shared=True)
            try:
                return str(getattr(module, name)(*args, **named))
            except _Return as given:
                return given.value

        return call

    def _dispatch(self, name: str) -> Callable[..., str]:
        def call(*args: Any) -> str:
            self.called.add(name)
            if name in _SHAPES:
                return _SHAPES[name](*args)
            given = zip(self._parameters[name], args, strict=True)
            return _call(ENGINE + name, [value for key, value in given if key not in _NO_SQL])

        return call

    def _dbt_context(self) -> dict[str, Any]:
        """What dbt shows to models and macros while it builds; queries have one answer."""
        answer = _NAMED(rows=[_Row(("2025-03-01", "1"))])
        return {
            "adapter": _NAMED(
                dispatch=self._dispatch, get_relation=lambda *names: _Relation(".".join(names[1:]))
            ),
            "api": _NAMED(Relation=_NAMED(create=_relation)),
            "dbt": _Dbt(),
            "exceptions": _NAMED(raise_compiler_error=_raise),
            "execute": True,
            "graph": {"sources": _sources()},
            "invocation_id": "build",
            "is_incremental": lambda: self._is_continued,
            "modules": _NAMED(re=re, datetime=datetime),
            "project_name": "shoptrack",
            "ref": _Relation,
            "return": _return,
            "run_query": lambda _: answer,
            "source": lambda source, table: _Relation(f"{source}.{table}"),
            "target": {},
            "tojson": json.dumps,
            "var": self._vars.__getitem__,
            # Macros that ask what earlier builds left.
            "changes_of": lambda _: _Relation("changes.an_input"),
            "check_common_arrival": lambda _: "",
            "definition_hash": lambda _: "hash",
            "kept_state": lambda name, _=None: (
                _Relation(f"intermediate.{name}") if self._is_continued else None
            ),
        }


class _Config:
    """The configuration that a model gives itself, as far as it is known by then."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    @property
    def meta(self) -> Any:
        """Its meta."""
        return self._given.get("meta", {})


def _return(value: Any) -> None:
    raise _Return(value)


def _raise(message: str) -> None:
    raise ValueError(message)


def _relation(schema: str, identifier: str, database: str | None = None) -> _Relation:
    return _Relation(f"{schema}.{identifier}")


def _call(name: str, args: list[Any]) -> str:
    parts = [part for arg in args for part in (arg if isinstance(arg, list) else [arg])]
    return f"{name}({', '.join(map(str, parts))})"


def _project_vars() -> dict[str, Any]:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


def _sources() -> dict[str, Any]:
    """The raw tables as dbt's graph has them."""
    return {
        name: _NAMED(
            source_name=table.source,
            name=table.name,
            meta={"gives": "events", "is_superseded": True},
            columns={
                column.name: _NAMED(
                    name=column.name,
                    data_type=column.data_type,
                    config=_NAMED(meta=_NAMED(required=column.required)),
                )
                for column in table.columns
            },
        )
        for name, table in {**tables(), **adapter_tables()}.items()
    }


# Macros that give a query, a table or a condition with a query in it.
_SHAPES: Mapping[str, Callable[..., str]] = {
    "exploded_json": lambda relation, columns, json_column, fields: (
        f"select {', '.join([*columns, *fields])}, position from {relation}"
    ),
    "landed": lambda source, table, files: f"landed.{source}__{table}",
    "landed_columns": lambda files, paths: (
        f"select source_table, source_file, loaded_at, column_name, kind from {files}"
    ),
    "landed_paths": lambda: "select path from landed_paths",
    "landed_row_counts": lambda paths: "select path, row_count from landed_row_counts",
    "not_among": lambda columns, query: _call(f"{ENGINE}not_among", [columns, f"({query})"]),
    "number_series": lambda last: "select number from number_series",
    "single_item": lambda fields: _call(f"{ENGINE}single_item", list(fields.values())),
}
