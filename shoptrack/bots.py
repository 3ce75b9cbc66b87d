"""The robots that `seeds/bot_user_agents.csv` knows by their user agent, and how it is refreshed.

It holds the patterns of the package crawler-user-agents, a public list that is kept up by many, and
the shop's own choices of `seeds/own_bot_user_agents.csv`: patterns beside those of the package, and
patterns of the package that would take people for robots.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoptrack.contract import PROJECT_ROOT

PACKAGE = "crawler-user-agents"
SEED = PROJECT_ROOT / "seeds" / "bot_user_agents.csv"
OWN_SEED = PROJECT_ROOT / "seeds" / "own_bot_user_agents.csv"
COLUMNS = ("pattern", "fragment", "origin")
_SHORTEST_FRAGMENT = 3
_ATOM = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|.", re.DOTALL)
_FLAGS = re.compile(r"\(\?[a-z]+\)")
# What DuckDB's regular expressions or Java's do not know, or read in another way.
_NOT_EVERYWHERE = (
    "(?=",
    "(?!",
    "(?<",
    "(?P",
    "(?>",
    "\\0",
    "\\1",
    "\\x",
    "\\u",
    "\\Z",
    "\\A",
    "\\p",
    "\\C",
    "[[:",
)


class RobotListError(Exception):
    """The list of robots cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class Published:
    """What the package says: its patterns, each with user agents that it is known from."""

    examples: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Robot:
    """One row of the seed.

    pattern: a regular expression that finds the robot in a user agent. fragment: text in lower case
    that every such user agent has, in whatever case; it is looked for first, because that is many
    times faster. origin: the package's name, or own.
    """

    pattern: str
    fragment: str
    origin: str


@dataclass(frozen=True)
class Choice:
    """A pattern of the shop's own: of robots that the package lacks, or of people it mistakes."""

    pattern: str
    is_robot: bool


def published() -> Published:
    """Read the package's list. Raises RobotListError when the package is not installed."""
    spec = importlib.util.find_spec("crawleruseragents")
    if spec is None or spec.origin is None:
        raise RobotListError(
            f"the package {PACKAGE} is not installed; install it as requirements.lock names it, or"
            f" its newest version: pip install --upgrade {PACKAGE}"
        )
    text = (Path(spec.origin).parent / "crawler-user-agents.json").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = json.loads(text)
    return Published({entry["pattern"]: tuple(entry.get("instances", ())) for entry in entries})


def own_choices(path: Path = OWN_SEED) -> list[Choice]:
    """Read the shop's own choices. Raises RobotListError, with the row, for an unknown one."""
    choices = []
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = {"pattern", "who"} - set(rows.fieldnames or ())
        if missing:
            raise RobotListError(f"{path.name} has no column {', '.join(sorted(missing))}")
        for number, row in enumerate(rows, start=1):
            if not row["pattern"]:
                raise RobotListError(f"{path.name}, row {number}: the pattern is missing")
            if row["who"] not in ("robot", "person"):
                raise RobotListError(
                    f"{path.name}, row {number}: who is {row['who']!r}; write robot or person"
                )
            choices.append(Choice(row["pattern"], row["who"] == "robot"))
    return choices


def robots(found: Published, choices: Iterable[Choice]) -> tuple[list[Robot], list[str]]:
    """Rows of the seed in their order, and notes on what was left out.

    A choice of people that names no pattern of the package is noted too: the package changed.
    """
    own = list(choices)
    people = {choice.pattern for choice in own if not choice.is_robot}
    notes = [
        f"the package has no pattern {pattern!r} any more; take it out of {OWN_SEED.name}"
        for pattern in sorted(people - set(found.examples))
    ]
    wanted = [(pattern, PACKAGE) for pattern in found.examples if pattern not in people]
    wanted += [(choice.pattern, "own") for choice in own if choice.is_robot]
    rows: dict[str, Robot] = {}
    for pattern, origin in wanted:
        faults = [why_not for part in _alternatives(pattern) if (why_not := fault(part))]
        if faults:
            notes.append(f"left out {pattern!r}: {faults[0]}")
            continue
        for part in _alternatives(pattern):
            rows.setdefault(part, Robot(part, fragment(part), origin))
    return sorted(rows.values(), key=lambda robot: (robot.origin, robot.pattern)), notes


def _alternatives(pattern: str) -> list[str]:
    """Split `a|b` where it is the whole pattern, so that each part has a fragment of its own."""
    flags = _FLAGS.match(pattern)
    found = [""]
    for part in _parts(pattern):
        if part == "|":
            found.append(flags.group() if flags else "")
        else:
            found[-1] += part
    return found


def _parts(pattern: str) -> list[str]:
    """Split a pattern into symbols, escapes, repetitions, classes and whole groups."""
    parts, depth = [""], 0
    for atom in _ATOM.findall(pattern):
        if depth:
            parts[-1] += atom
        else:
            parts.append(atom)
        depth += (atom == "(") - (atom == ")")
    return parts[1:]


def fault(pattern: str) -> str | None:
    """Say why a pattern cannot be used on every engine; None where it can."""
    try:
        re.compile(pattern)
    except re.error as error:
        return f"it is no regular expression: {error}"
    strange = [text for text in _NOT_EVERYWHERE if text in pattern]
    if strange:
        return f"{strange[0]} is not the same on every engine"
    if len(fragment(pattern)) < _SHORTEST_FRAGMENT:
        return f"it has no plain text of {_SHORTEST_FRAGMENT} characters"
    return None


def fragment(pattern: str) -> str:
    """The longest plain text, in lower case, that whatever the pattern finds must contain."""
    runs, run = [""], ""
    for part in _parts(pattern):
        plain = _plain(part)
        if plain:
            run += plain
        else:
            runs.append(run[:-1] if part[0] in "?*{" else run)
            run = ""
    return max([*runs, run], key=len).lower()


def _plain(part: str) -> str:
    """The character that a part of a pattern stands for; blank where it is another thing."""
    if part[0] == "\\":
        return "" if part[1:].isalnum() else part[1:]
    return part if len(part) == 1 and part not in "^$.?*+|" else ""


def write_seed(rows: Iterable[Robot], path: Path = SEED) -> None:
    """Write the rows as the seed's CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((row.pattern, row.fragment, row.origin) for row in rows)


def read_seed(path: Path = SEED) -> list[Robot]:
    """Read the rows of the seed."""
    with path.open(encoding="utf-8", newline="") as file:
        return [Robot(**row) for row in csv.DictReader(file)]
