"""The key of pseudonyms: refused where it would protect nobody, and written nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shoptrack.contract import PROJECT_ROOT
from shoptrack.hash_key import OF_THE_DEMO, HashKeyError, hash_key

DBT = Path(sys.executable).parent / "dbt"
SECRET = "a-secret-of-this-test-alone-4711"


def run_dbt(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run dbt's command line in a landing zone and warehouse of a folder."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "SHOPTRACK_HASH_KEY"},
        "SHOPTRACK_LANDING": str(folder / "landing"),
        "SHOPTRACK_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "PYTHONPATH": str(PROJECT_ROOT),
        **settings,
    }
    return subprocess.run(
        [DBT, "--no-use-colors", "--log-level-file", "debug", *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def small_project(folder: Path) -> list[str]:
    """A project of one model with this project's profiles, which is parsed at once."""
    (folder / "models").mkdir()
    (folder / "models" / "one.sql").write_text("select 1 as number", encoding="utf-8")
    (folder / "dbt_project.yml").write_text("name: small\nprofile: shoptrack\n", encoding="utf-8")
    return ["--project-dir", str(folder), "--profiles-dir", str(PROJECT_ROOT)]


def test_development_has_a_key_that_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOPTRACK_ENV", raising=False)
    monkeypatch.delenv("SHOPTRACK_HASH_KEY", raising=False)
    assert hash_key() == OF_THE_DEMO
    monkeypatch.setenv("SHOPTRACK_HASH_KEY", "short")
    assert hash_key() == "short"


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "is not set"),
        (OF_THE_DEMO, "is not set"),
        ("fifteen letters", "is shorter than 16 characters"),
        ("brief" + " " * 20, "is shorter than 16 characters"),
    ],
)
def test_production_refuses_a_key_that_can_be_guessed(
    key: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPTRACK_ENV", "production")
    monkeypatch.setenv("SHOPTRACK_HASH_KEY", key)
    with pytest.raises(HashKeyError, match=said) as refusal:
        hash_key()
    assert "secrets.token_urlsafe(32)" in str(refusal.value)
    assert not key.strip() or key.strip() not in str(refusal.value)


def test_production_takes_a_key_of_sixteen_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPTRACK_ENV", "production")
    monkeypatch.setenv("SHOPTRACK_HASH_KEY", "sixteen letters!")
    assert hash_key() == "sixteen letters!"


@pytest.mark.parametrize("chosen", ["by environment", "by target"])
def test_dbt_refuses_to_build_in_production_without_a_key(tmp_path: Path, chosen: str) -> None:
    target = ("--target", "production") if chosen == "by target" else ()
    settings = {} if target else {"SHOPTRACK_ENV": "production"}
    done = run_dbt(tmp_path, "run", *target, *small_project(tmp_path), **settings)
    assert done.returncode != 0
    assert "this is production, and SHOPTRACK_HASH_KEY is not set" in done.stdout + done.stderr
    assert not (tmp_path / "warehouse.duckdb").exists()
    assert not (tmp_path / "landing").exists()


def test_the_key_is_in_no_file_that_a_build_writes(tmp_path: Path) -> None:
    done = run_dbt(
        tmp_path,
        "build",
        "--select",
        "+stg_shop__customers",
        "+stg_web__events",
        SHOPTRACK_ENV="production",
        SHOPTRACK_HASH_KEY=SECRET,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"warehouse.duckdb", "manifest.json", "run_results.json", "dbt.log"} <= names
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
