"""Python models on Spark: they run beside dbt, and read and write tables through the engine.

A model gets what its `dbt.ref(…)` returns on DuckDB: something with `filter`, `project`, `order`
and `to_arrow_table`. Only what a model asks for leaves Spark: summaries by customer, day or path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shoptrack.warehouse import spark_folder

_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "int": pa.int32(),
    "smallint": pa.int16(),
    "tinyint": pa.int8(),
    "double": pa.float64(),
    "float": pa.float32(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp_ntz": pa.timestamp("us"),
    "timestamp": pa.timestamp("us"),
}


@dataclass(frozen=True)
class Relation:
    """A query that is not run before its rows are asked for."""

    adapter: Any
    source: str
    columns: str = "*"
    conditions: tuple[str, ...] = ()
    ordering: str = ""

    def filter(self, condition: str) -> Relation:
        """Only the rows that meet an SQL condition."""
        return self._with(conditions=(*self.conditions, condition))

    def project(self, columns: str) -> Relation:
        """Only these columns, as SQL."""
        return self._with(columns=columns)

    def order(self, columns: str) -> Relation:
        """The rows in this order, as SQL."""
        return self._with(ordering=columns)

    def to_arrow_table(self) -> pa.Table:
        """Run the query and fetch its rows."""
        where = " and ".join(f"({condition})" for condition in self.conditions)
        sql = f"select {self.columns} from {self.source}"
        sql += f" where {where}" if where else ""
        sql += f" order by {self.ordering}" if self.ordering else ""
        return fetch(self.adapter, sql)

    def _with(self, **changes: Any) -> Relation:
        return Relation(**{**self.__dict__, **changes})


def fetch(adapter: Any, sql: str) -> pa.Table:
    """Rows of a query as an Arrow table; a type that Python has no value for is text."""
    _, cursor = adapter.connections.add_query(sql, auto_begin=False)
    names_and_types = [(column[0], column[1]) for column in cursor.description]
    rows = [tuple(row) for row in cursor.fetchall() or []]
    values = list(zip(*rows, strict=True)) or [()] * len(names_and_types)
    arrays = [
        _array(column, _arrow_type(type_name))
        for column, (_, type_name) in zip(values, names_and_types, strict=True)
    ]
    return pa.table(arrays, names=[name.rpartition(".")[2] for name, _ in names_and_types])


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values as Arrow; over Thrift days come as texts."""
    if any(isinstance(value, str) for value in values):
        return pa.array(values, type=pa.string()).cast(kind)
    return pa.array(values, type=kind)


def _arrow_type(type_name: str) -> pa.DataType:
    name = type_name.lower().removesuffix("_type")
    if name.startswith("decimal"):
        digits = name.removeprefix("decimal").strip("()") or "38,18"
        return pa.decimal128(*(int(part) for part in digits.split(",")))
    return _TYPES.get(name, pa.string())


def run_python_model(adapter: Any, model: dict[str, Any], compiled_code: str) -> None:
    """Run `model(dbt, session)` of dbt's compiled code and write what it returns as a table."""
    namespace: dict[str, Any] = {"__name__": model["name"]}
    exec(compile(compiled_code.strip(), model["original_file_path"], "exec"), namespace)
    wrapped = namespace["dbtObj"](lambda name: Relation(adapter, name))
    write(adapter, f"{model['schema']}.{model['alias']}", namespace["model"](wrapped, None))


def write(adapter: Any, table: str, rows: pa.Table) -> None:
    """Make a table of rows anew, of a file in the warehouse's folder, which Spark sees as well."""
    folder = spark_folder().absolute() / "handed_over"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{table}.parquet"
    pq.write_table(rows, file)
    try:
        adapter.execute(f"drop table if exists {table}")
        adapter.execute(f"create table {table} using parquet as select * from parquet.`{file}`")
    finally:
        file.unlink()
