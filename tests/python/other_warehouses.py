"""What other warehouses lack of the SQL that the models are written in.

Nothing here knows a warehouse: that is docs/other_warehouses.md, which says of every construct in
which dialect it works as it stands. Here constructs are found in the models, and the page is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tests.python.model_texts import DBT, ENGINE, ModelText

WRITTEN_IN = "duckdb"
DIALECTS = ("Snowflake", "BigQuery", "Databricks", "PostgreSQL")
# Functions that all of the dialects have, with this name and meaning.
PLAIN_FUNCTIONS = {
    *("abs", "ceil", "floor", "power", "round", "sqrt"),
    *("avg", "count", "max", "min", "sum"),
    *("chr", "concat", "left", "right", "length", "lower", "lpad", "regexp_replace", "replace"),
    *("trim", "upper"),
    *("coalesce", "nullif"),
    *("first_value", "lag", "lead", "ntile", "row_number"),
}
# What stands before a parenthesis and is no function.
_KEYWORDS = {
    *("and", "as", "by", "cast", "decimal", "exists", "filter", "from", "group", "in", "join"),
    *("not", "on", "or", "over", "select", "then", "where"),
}
PLAIN_TYPES = {"bigint", "boolean", "date", "decimal", "text"}
# Syntax that all of the dialects have; sqlglot's names.
PLAIN_SYNTAX = {
    *("CTE", "Distinct", "From", "Group", "Having", "Join", "Order", "Ordered", "Where", "With"),
    *("Alias", "Column", "Star", "Table", "TableAlias", "Window", "WindowSpec", "WithinGroup"),
    *("Add", "Mul", "Neg", "Sub", "Paren", "DPipe", "Boolean", "Null", "Var", "DataTypeParam"),
    *("EQ", "NEQ", "GT", "GTE", "LT", "Between", "Is", "Like", "Not", "NullSafeEQ", "NullSafeNEQ"),
}


@dataclass(frozen=True)
class Row:
    """A row of a table of the page, `line` counted from 1."""

    line: int
    names: tuple[str, ...]
    count: str
    cells: tuple[str, ...]

    def is_known_to(self, dialect: str) -> bool:
        """Whether the dialect takes the construct as it stands."""
        return self.cells[DIALECTS.index(dialect)].startswith("yes")


def _is_of_rows(node: exp.Expression) -> bool:
    return isinstance(node.this, exp.Tuple)


def _is_wide(node: Any) -> bool:
    """Whether a decimal has more digits than 29 before the point or 9 after it."""
    parts = [int(part.name) for part in node.expressions]
    return len(parts) == 2 and (parts[1] > 9 or parts[0] - parts[1] > 29)


def _may_divide_whole_numbers(node: exp.Expression) -> bool:
    """Whether nothing in a division shows that it is one of floating-point numbers."""
    types = {part.this for part in node.find_all(exp.DataType)}
    numbers = (part.name for part in node.find_all(exp.Literal) if not part.is_string)
    return exp.DataType.Type.DOUBLE not in types and not any("." in text for text in numbers)


def _is_unnamed_input(node: Any) -> bool:
    return isinstance(node.parent, exp.From | exp.Join) and not node.alias


Finder = Callable[[Any], bool]
# By sqlglot's name of the syntax: what the page calls it, and when it is that.
_FOUND_IN: Mapping[str, Sequence[tuple[str, Finder]]] = {
    "Filter": [("filter (where …)", lambda _: True)],
    "Select": [("window … as (…)", lambda node: bool(node.args.get("windows")))],
    "Union": [("union", lambda node: bool(node.args.get("distinct")))],
    "Subquery": [("from (select …)", _is_unnamed_input)],
    "In": [("(a, b) in (select …)", _is_of_rows)],
    "LTE": [("(a, b) <= (c, d)", _is_of_rows)],
    "Interval": [("interval '1' day", lambda _: True)],
    "Mod": [("%", lambda _: True)],
    "Identifier": [('"name"', lambda node: bool(node.quoted))],
    "Div": [("/", _may_divide_whole_numbers)],
    "Round": [("round(…, n)", lambda node: bool(node.args.get("decimals")))],
    "Literal": [("(?…)", lambda node: node.is_string and "(?" in node.name)],
    "DataType": [("decimal(38, 8)", _is_wide)],
}
# Syntax that is judged by the syntax around it or by what it is made of.
_JUDGED = {*_FOUND_IN, "Tuple", "DataType"}


def constructs(text: str) -> set[str]:
    """What in an SQL text is not plain, by the names that the page has for it."""
    found = _functions(text)
    for tree in sqlglot.parse(text, read=WRITTEN_IN):
        for node in tree.walk() if tree else ():
            found |= _of_node(node)
    return found


def _functions(text: str) -> set[str]:
    tokens = sqlglot.tokenize(text, read=WRITTEN_IN)
    called = {
        token.text.lower()
        for token, following in pairwise(tokens)
        if following.text == "(" and re.fullmatch(r"\w+", token.text)
    }
    ours = {name for name in called if name.startswith((ENGINE, DBT))}
    return called - ours - PLAIN_FUNCTIONS - _KEYWORDS


def _of_node(node: Any) -> set[str]:
    kind = type(node).__name__
    found = {name for name, is_it in _FOUND_IN.get(kind, ()) if is_it(node)}
    if isinstance(node, exp.DataType):
        # sqlglot tells DuckDB's timestamp from those of other dialects.
        found |= {node.this.name.lower().removesuffix("ntz")} - PLAIN_TYPES
    elif not isinstance(node, exp.Func) and kind not in PLAIN_SYNTAX | _JUDGED:
        found.add(kind)
    return found


def uses(models: Sequence[ModelText]) -> dict[str, set[str]]:
    """Names of the models that use what is not plain, by its name."""
    found: dict[str, set[str]] = {}
    for model in models:
        for name in set().union(*map(constructs, model.texts)):
            found.setdefault(name, set()).add(model.name)
    return found


def callers(models: Sequence[ModelText]) -> dict[str, set[str]]:
    """Names of the models that call a macro which dispatches, by the macro's name."""
    found: dict[str, set[str]] = {}
    for model in models:
        for name in model.macros:
            found.setdefault(name, set()).add(model.name)
    return found


def unreadable(models: Sequence[ModelText], dialect: str) -> set[str]:
    """Names of the models of which sqlglot cannot parse a text in a dialect."""
    return {
        model.name
        for model in models
        if not all(can_be_read(text, dialect) for text in model.texts)
    }


def can_be_read(text: str, dialect: str) -> bool:
    """Whether sqlglot parses a text in a dialect."""
    try:
        sqlglot.parse(text, read=sqlglot_name(dialect))
    except SqlglotError:
        return False
    return True


def sqlglot_name(dialect: str) -> str:
    """sqlglot's name of a dialect."""
    return "postgres" if dialect == "PostgreSQL" else dialect.lower()


def rows_of(page: str, heading: str) -> list[Row]:
    """Rows of the table below a heading of the page."""
    lines = page.splitlines()
    start = lines.index(heading) + 1
    rows = []
    for number, line in enumerate(lines[start:], start + 1):
        if line.startswith("#"):
            break
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if line.startswith("| `"):
            names = tuple(re.findall(r"`([^`]+)`", cells[0]))
            rows.append(Row(number, names, cells[1], tuple(cells[2:])))
    return rows


def faults(rows: Sequence[Row], used: Mapping[str, set[str]], known: set[str]) -> list[str]:
    """Where rows of the page differ from what is found; `known` is all that must have a row."""
    listed = [name for row in rows for name in row.names]
    wrong = [f"`{name}` has no row: write one" for name in sorted(known - set(listed))]
    wrong += [f"`{name}` has two rows" for name in sorted(set(listed)) if listed.count(name) > 1]
    for row in rows:
        gone = [name for name in row.names if name not in known]
        wrong += [f"line {row.line}: `{name}` is nowhere: drop it" for name in gone]
        count = str(len(set().union(*(used.get(name, set()) for name in row.names))))
        if row.count != count:
            wrong.append(f"line {row.line}: models is {row.count} and should be {count}")
    return wrong


def models_to_change(rows: Sequence[Row], used: Mapping[str, set[str]], dialect: str) -> set[str]:
    """Names of the models that use what a dialect does not take as it stands."""
    lacking = [name for row in rows if not row.is_known_to(dialect) for name in row.names]
    return set().union(*(used.get(name, set()) for name in lacking))


def summary(
    models: Sequence[ModelText], rows: Sequence[Row], used: Mapping[str, set[str]]
) -> list[str]:
    """The lines of the page that say how far each dialect is."""
    standing = [len(models) - len(models_to_change(rows, used, dialect)) for dialect in DIALECTS]
    unread = [len(unreadable(models, dialect)) for dialect in DIALECTS]
    return [
        _line(f"SQL models whose own text stands as it is, of {len(models)}", standing),
        _line("SQL models of which sqlglot cannot parse the text", unread),
    ]


def _line(title: str, figures: Sequence[int]) -> str:
    return f"| {title} | {' | '.join(map(str, figures))} |"
