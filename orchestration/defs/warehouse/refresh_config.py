"""What an operator can ask of a build, and the dbt arguments that it means."""

import json
from datetime import date
from typing import Any

import dagster as dg
from pydantic import Field, field_validator, model_validator

from orchestration.parsed_project import project_vars

# Vars with a field of their own, and one that a run cannot choose.
_NOT_OF_A_RUN = ("rebuild_from", "rebuild_to", "adapters")


class RefreshConfig(dg.Config):
    """How to build the selected models."""

    full_refresh: bool = Field(
        default=False,
        description="Build everything anew from the landed files instead of the days that changed."
        " Needed after few changes; CHANGELOG.md says which.",
    )
    rebuild_from: str | None = Field(
        default=None,
        description="First session date to build anew from the landed files, as YYYY-MM-DD. Needs"
        " rebuild_to.",
    )
    rebuild_to: str | None = Field(
        default=None, description="Last session date to build anew, as YYYY-MM-DD; included."
    )
    vars: dict[str, Any] = Field(
        default={},
        description="Vars of dbt_project.yml with other values for this run, such as"
        " {session_timeout_seconds: 3600}. A changed rule rebuilds the sessions, and the next run"
        " without it rebuilds them again.",
    )

    @field_validator("rebuild_from", "rebuild_to")
    @classmethod
    def _is_a_date(cls, value: str | None) -> str | None:
        if value is not None and not _is_written_as_date(value):
            raise ValueError(f"{value!r} is not a date; write it as 2025-03-31")
        return value

    @field_validator("vars")
    @classmethod
    def _are_known(cls, value: dict[str, Any]) -> dict[str, Any]:
        if "adapters" in value:
            raise ValueError(
                "adapters decide which assets there are: turn them on in dbt_project.yml and reload"
                " the definitions"
            )
        known = [name for name in project_vars() if name not in _NOT_OF_A_RUN]
        unknown = sorted(set(value) - set(known))
        if unknown:
            raise ValueError(
                f"dbt_project.yml has no var {unknown[0]!r}; it has {', '.join(known)}"
            )
        return value

    @model_validator(mode="after")
    def _is_a_range(self) -> "RefreshConfig":
        if (self.rebuild_from is None) != (self.rebuild_to is None):
            raise ValueError("rebuild_from and rebuild_to belong together; one of them is missing")
        if self.rebuild_from and self.rebuild_to and self.rebuild_from > self.rebuild_to:
            raise ValueError(f"rebuild_from {self.rebuild_from} is after {self.rebuild_to}")
        if self.full_refresh and self.rebuild_from:
            raise ValueError("a full refresh builds every date; leave rebuild_from away")
        return self


def _is_written_as_date(text: str) -> bool:
    """Whether it is a date as YYYY-MM-DD; Python also knows 20250331 and 2025-W14-1."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def build_arguments(config: RefreshConfig) -> list[str]:
    """Return the arguments of `dbt build` for a refresh; unit tests are checks of their own."""
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if config.full_refresh:
        arguments.append("--full-refresh")
    variables = dict(config.vars)
    if config.rebuild_from:
        variables |= {"rebuild_from": config.rebuild_from, "rebuild_to": config.rebuild_to}
    if variables:
        arguments += ["--vars", json.dumps(variables, sort_keys=True)]
    return arguments
