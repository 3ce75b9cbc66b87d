"""The metrics of the semantic layer as tables for docs/metrics.md, read from the project's YAML.

`python -m shoptrack.metric_catalogue` writes the tables anew between the two marks of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from shoptrack.contract import PROJECT_ROOT

CATALOGUE = PROJECT_ROOT / "docs" / "metrics.md"
BEGIN = "<!-- metrics: begin, by python -m shoptrack.metric_catalogue -->"
END = "<!-- metrics: end -->"

# Said by the table's last column.
_SAID_ELSEWHERE = re.compile(r" (Additive\.|A ratio: never add it up or average it\.)$")


@dataclass(frozen=True)
class Metric:
    """A metric: marts are those it is computed from; additive is yes, no or ratio."""

    name: str
    label: str
    definition: str
    marts: tuple[str, ...]
    additive: str


@dataclass(frozen=True)
class Subject:
    """The metrics of one YAML file.

    groups: by mart, the names that MetricFlow knows its own entities and dimensions by.
    """

    name: str
    groups: Mapping[str, tuple[str, ...]]
    metrics: tuple[Metric, ...]


def subjects(project: Path = PROJECT_ROOT) -> tuple[Subject, ...]:
    """Return the subjects of the semantic layer by name, their metrics in the order of the YAML."""
    files = sorted((project / "models" / "semantic").glob("_*__semantic_models.yml"))
    parsed = {
        file.name.removeprefix("_").split("__")[0]: yaml.safe_load(file.read_text("utf-8"))
        for file in files
    }
    marts = {
        measure["name"]: _mart(model)
        for content in parsed.values()
        for model in content["semantic_models"]
        for measure in model.get("measures", ())
    }
    metrics = {m["name"]: m for content in parsed.values() for m in content["metrics"]}
    return tuple(
        Subject(
            name,
            {_mart(model): tuple(_groups(model)) for model in content["semantic_models"]},
            tuple(
                Metric(
                    metric["name"],
                    metric["label"],
                    _SAID_ELSEWHERE.sub("", metric["description"]),
                    tuple(dict.fromkeys(_marts_of(metric, metrics, marts))),
                    _additive(metric),
                )
                for metric in content["metrics"]
            ),
        )
        for name, content in parsed.items()
    )


def _mart(model: Mapping[str, Any]) -> str:
    return str(model["model"]).removeprefix("ref('").removesuffix("')")


def _groups(model: Mapping[str, Any]) -> Iterator[str]:
    entities = model.get("entities", ())
    keys = [entity["name"] for entity in entities if entity["type"] == "primary"]
    primary = model.get("primary_entity") or keys[0]
    for dimension in model["dimensions"]:
        yield f"{primary}__{dimension['name']}"
    for entity in entities:
        yield entity["name"]


def _marts_of(
    metric: Mapping[str, Any], metrics: Mapping[str, Any], marts: Mapping[str, str]
) -> Iterator[str]:
    """Marts of a metric: its measure's, or those of the metrics that it is made of."""
    parameters = metric["type_params"]
    if "measure" in parameters:
        yield marts[_name(parameters["measure"])]
        return
    parts = [parameters[part] for part in ("numerator", "denominator") if part in parameters]
    for part in (*parts, *parameters.get("metrics", ())):
        yield from _marts_of(metrics[_name(part)], metrics, marts)


def _name(reference: Any) -> str:
    """A metric or measure is named, or described with its name."""
    return str(reference["name"] if isinstance(reference, dict) else reference)


def _additive(metric: Mapping[str, Any]) -> str:
    if metric["type"] in ("ratio", "derived"):
        return "ratio"
    return "no" if "Not additive" in metric["description"] else "yes"


def as_markdown(catalogue: tuple[Subject, ...]) -> str:
    """Return a table of metrics per subject, with what they can be grouped by."""
    return "\n".join(line for subject in catalogue for line in _section(subject))


def _section(subject: Subject) -> Iterator[str]:
    yield f"### {subject.name.capitalize()}"
    yield ""
    for mart, groups in subject.groups.items():
        yield f"- `{mart}`: " + ", ".join(f"`{group}`" for group in groups)
    yield ""
    yield "| metric | label | definition | mart | additive |"
    yield "|---|---|---|---|---|"
    for metric in subject.metrics:
        marts = ", ".join(f"`{mart}`" for mart in metric.marts)
        cells = (f"`{metric.name}`", metric.label, metric.definition, marts, metric.additive)
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
    yield ""


def with_catalogue(text: str, catalogue: tuple[Subject, ...]) -> str:
    """Return a text whose part between the marks is the catalogue.

    Raises ValueError where a mark is missing.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the text lacks the line {BEGIN if not begin else END}")
    return f"{before}{BEGIN}\n\n{as_markdown(catalogue)}\n{END}{after}"


def main() -> None:
    """Write the tables of docs/metrics.md anew."""
    text = CATALOGUE.read_text(encoding="utf-8")
    CATALOGUE.write_text(with_catalogue(text, subjects()), encoding="utf-8")


if __name__ == "__main__":
    main()
