"""What an operator may ask of a refresh, and what dbt is told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from orchestration.defs.warehouse.refresh_config import RefreshConfig, build_arguments

BUILD = ["build", "--exclude-resource-type", "unit_test"]
RANGE = {"rebuild_from": "2025-03-01", "rebuild_to": "2025-03-07"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (RANGE | {"rebuild_from": "March"}, "'March' is not a date; write it as 2025-03-31"),
        (RANGE | {"rebuild_to": "2025-02-30"}, "'2025-02-30' is not a date"),
        (RANGE | {"rebuild_to": "20250307"}, "'20250307' is not a date"),
        ({"vars": {"adapters": ["google_ads"]}}, "turn them on in dbt_project.yml and reload"),
        ({"rebuild_from": "2025-03-01"}, "rebuild_from and rebuild_to belong together"),
        ({"rebuild_to": "2025-03-01"}, "rebuild_from and rebuild_to belong together"),
        (RANGE | {"rebuild_from": "2025-03-08"}, "rebuild_from 2025-03-08 is after 2025-03-07"),
        (RANGE | {"full_refresh": True}, "a full refresh builds every date"),
        ({"vars": {"session_timeout": 1}}, "dbt_project.yml has no var 'session_timeout'; it has"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        RefreshConfig(**asked)
    assert words in str(caught.value)


def test_an_unknown_var_is_told_which_there_are() -> None:
    with pytest.raises(ValidationError, match=r"store_timezone, .*session_timeout_seconds"):
        RefreshConfig(vars={"timeout": 1})


@pytest.mark.parametrize(
    ("asked", "added"),
    [
        ({}, []),
        ({"full_refresh": True}, ["--full-refresh"]),
        (RANGE, ["--vars", '{"rebuild_from": "2025-03-01", "rebuild_to": "2025-03-07"}']),
        (
            RANGE | {"rebuild_to": "2025-03-01", "vars": {"bot_session_events": 9}},
            [
                "--vars",
                '{"bot_session_events": 9, "rebuild_from": "2025-03-01",'
                ' "rebuild_to": "2025-03-01"}',
            ],
        ),
        (
            {"full_refresh": True, "vars": {"key_events": ["purchase", "sign_up"]}},
            ["--full-refresh", "--vars", '{"key_events": ["purchase", "sign_up"]}'],
        ),
    ],
)
def test_dbt_is_told_what_was_asked(asked: dict[str, Any], added: list[str]) -> None:
    assert build_arguments(RefreshConfig(**asked)) == [*BUILD, *added]
