"""The files in deploy/: they parse, and they name only what the code has."""

from __future__ import annotations

import configparser
import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from shoptrack.contract import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
ENVIRONMENT = DEPLOY / "shoptrack.env.example"
BASE = PROJECT_ROOT / "orchestration" / "dagster.yaml"
POSTGRES = DEPLOY / "dagster.postgres.yaml"
NGINX = DEPLOY / "nginx-shoptrack.conf"
SETTING = re.compile(r"\b(?:SHOPTRACK|DAGSTER)_[A-Z_]*[A-Z]\b")


class Unit(configparser.RawConfigParser):
    """A systemd unit, case and repeated keys as systemd has them (the last one counts here)."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=("=",))
        self.read(path, encoding="utf-8")

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def settings_in(path: Path) -> set[str]:
    return set(SETTING.findall(path.read_text(encoding="utf-8")))


def example_settings() -> dict[str, str]:
    """Every setting of the example, also those that are commented out."""
    lines = ENVIRONMENT.read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"#?([A-Z_]+)=(\S+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def readers() -> set[str]:
    """Settings that something reads: code, dbt's profile and macros, Dagster's storage, units."""
    files = [
        *(PROJECT_ROOT / "shoptrack").rglob("*.py"),
        *(PROJECT_ROOT / "orchestration").rglob("*.py"),
        *(PROJECT_ROOT / "macros").rglob("*.sql"),
        PROJECT_ROOT / "profiles.yml",
    ]
    read = re.compile(r"(?:environ\.get|env_var)\(\s*[\"']([A-Z_]+)")
    found = {name for file in files for name in read.findall(file.read_text(encoding="utf-8"))}
    return found | set(re.findall(r"\{env: ([A-Z_]+)\}", POSTGRES.read_text(encoding="utf-8")))


def test_there_is_a_unit_for_each_server() -> None:
    assert [unit.name for unit in UNITS] == [
        "shoptrack-code.service",
        "shoptrack-daemon.service",
        "shoptrack-webserver.service",
    ]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_runs_a_module_of_ours_as_its_own_user_and_comes_back(path: Path) -> None:
    unit = Unit(path)
    assert set(unit.sections()) == {"Unit", "Service", "Install"}
    service = unit["Service"]
    assert service["User"] == service["Group"] == "shoptrack"
    assert service["Restart"] == "always"
    assert service["EnvironmentFile"] == "/etc/shoptrack.env"
    command = service["ExecStart"].split()
    assert command[0] == f"{service['WorkingDirectory']}/.venv/bin/python"
    modules = [command[i + 1] for i, word in enumerate(command) if word in ("-m", "--module-name")]
    for module in modules:
        assert importlib.util.find_spec(module), f"there is no module {module}"
    if "--workspace" in command:
        assert (PROJECT_ROOT / command[command.index("--workspace") + 1]).exists()


def test_a_restart_of_the_daemon_leaves_the_workers_of_runs_alone() -> None:
    service = Unit(DEPLOY / "shoptrack-daemon.service")["Service"]
    assert service["KillMode"] == "process"
    assert service["OOMPolicy"] == "continue"
    assert not {"PrivateTmp", "RuntimeDirectory", "PrivatePIDs", "PrivateUsers"} & set(service)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:  # systemd looks for the program, which is where this environment is
        text = unit.read_text(encoding="utf-8").replace("/opt/shoptrack", str(PROJECT_ROOT))
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [program, "verify", "--man=no", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if "shoptrack" in line]
    assert (done.returncode, complaints) == (0, [])


def test_nginx_takes_the_site(tmp_path: Path) -> None:
    nginx, openssl = (
        shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin")
        for name in ("nginx", "openssl")
    )
    if nginx is None or openssl is None:
        pytest.skip("nginx or openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=shoptrack"]
    subprocess.run(
        [*request, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=True
    )
    site = NGINX.read_text(encoding="utf-8")
    for placeholder, file in (
        ("/etc/ssl/certs/shoptrack.pem", certificate),
        ("/etc/ssl/private/shoptrack.key", key),
    ):
        assert placeholder in site
        site = site.replace(placeholder, str(file))
    for port in ("80", "443"):  # nginx -t opens them
        site = site.replace(f"listen {port}", f"listen unix:{tmp_path}/{port}.socket")
    (tmp_path / "site.conf").write_text(site, encoding="utf-8")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; include {tmp_path}/site.conf; }}\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [nginx, "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_site_asks_for_a_password_and_lets_websockets_through() -> None:
    site = NGINX.read_text(encoding="utf-8")
    for needed in (
        r"listen 443 ssl",
        r"auth_basic +\"",
        r"auth_basic_user_file",
        r"proxy_set_header +Upgrade +\$http_upgrade;",
        r"proxy_set_header +Connection +\$shoptrack_connection;",
    ):
        assert re.search(needed, site), needed
    assert f"server 127.0.0.1:{example_settings()['SHOPTRACK_UI_PORT']};" in site


def test_the_postgres_block_can_be_appended() -> None:
    base = yaml.safe_load(BASE.read_text(encoding="utf-8"))
    block = yaml.safe_load(POSTGRES.read_text(encoding="utf-8"))
    assert not set(base) & set(block), "YAML would silently keep one of the two"
    joined = BASE.read_text(encoding="utf-8") + POSTGRES.read_text(encoding="utf-8")
    assert yaml.safe_load(joined) == base | block


def test_the_example_holds_every_setting_and_no_other() -> None:
    example = set(example_settings())
    assert example - readers() == set(), "nothing reads these"
    assert settings_in(PROJECT_ROOT / "orchestration" / "settings.py") - example == set()
    read_by_us = {name for name in readers() if name.startswith("SHOPTRACK_")}
    assert read_by_us - example == set(), "these are not explained"


def test_other_files_name_no_setting_that_the_example_lacks() -> None:
    guide = PROJECT_ROOT / "docs" / "operating.md"
    for file in (*UNITS, POSTGRES, NGINX, guide):
        assert settings_in(file) - set(example_settings()) == set(), file.name


def test_the_guide_names_every_file() -> None:
    guide = (PROJECT_ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    assert [file.name for file in DEPLOY.iterdir() if file.name not in guide] == []
    assert len(guide.splitlines()) <= 130
