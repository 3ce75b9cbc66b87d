"""Brings the files into Superset and back: `manage.py import`, `manage.py export`.

Import makes or migrates Superset's own database, makes the first user, and overwrites what has the
UUID of a file; export writes the files anew. It runs in Superset's environment.
"""

# ruff: noqa: PLC0415  (most of Superset can be imported only once its application is there)

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, redirect_stdout
from typing import Any

import yaml
from assets import (
    FOLDER,
    KINDS,
    Asset,
    AssetError,
    as_text,
    marts_uri,
    pointed_at,
    read_assets,
    write_assets,
)

METADATA = {"version": "1.0.0", "type": "assets"}
ADMIN = "admin"
READERS = "Marts"


def import_assets() -> None:
    """Bring Superset's database up to date and the files into it."""
    assets = pointed_at(read_assets(), marts_uri(os.environ))
    contents = {path: as_text(asset) for path, asset in assets.items()}
    contents["metadata.yaml"] = as_text(METADATA)
    with superset_app():
        from superset.commands.exceptions import CommandInvalidError
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.utils.core import override_user

        _migrate()
        with override_user(_administrator()):
            try:
                ImportAssetsCommand(contents).run()
            except CommandInvalidError as error:
                raise AssetError(f"the files do not fit: {error.normalized_messages()}") from error
        _let_read(assets)
    print(f"{sum(path.startswith('dashboards/') for path in assets)} dashboards imported")


def export_assets() -> None:
    """Write what Superset holds over the files."""
    umask = os.umask(0o077)  # as the settings have it
    with superset_app():
        from superset.commands.export.assets import ExportAssetsCommand
        from superset.utils.core import override_user

        with override_user(_administrator()):
            exported = {
                path: yaml.safe_load(content())
                for path, content in ExportAssetsCommand().run()
                if path.startswith(KINDS)
            }
    os.umask(umask)  # the files are the project's, not Superset's own
    for path in write_assets(exported):
        print(f"new: {path}")
    print(f"written to {FOLDER}: look at git diff")


def superset_app() -> AbstractContextManager[Any]:
    """Return the context of Superset's application, in which its database can be used."""
    from superset.app import create_app

    logging.disable(logging.WARNING)  # hundreds of lines of migrations; errors are still said
    context: AbstractContextManager[Any] = create_app().app_context()
    return context


def _migrate() -> None:
    from flask_migrate import upgrade
    from superset.extensions import appbuilder, security_manager

    with redirect_stdout(io.StringIO()):  # migrations print what they count
        upgrade()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()


def _administrator() -> Any:
    """Return an active administrator, made now where there is no user at all."""
    from flask import current_app
    from superset import security_manager

    users = security_manager.get_all_users()
    if not users:
        role, password = security_manager.find_role("Admin"), current_app.config["ADMIN_PASSWORD"]
        made = security_manager.add_user(ADMIN, "Admin", "", f"{ADMIN}@localhost", role, password)
        if not made:
            raise AssetError(
                f"the first user, {ADMIN}, could not be made: Superset says why above; mend it and"
                " start again, or make one with fab create-admin"
            )
        users = [made]
        file = f"{current_app.config['DATA_DIR']}/admin_password"
        is_given = bool(os.environ.get("SUPERSET_ADMIN_PASSWORD"))
        print(f"First login: {ADMIN}, password in {'the environment' if is_given else file}")
    for user in users:
        if user.is_active and "Admin" in {role.name for role in user.roles}:
            return user
    raise AssetError(
        "no active user of Superset has the role Admin: make one with fab create-admin"
    )


def _let_read(assets: Mapping[str, Asset]) -> None:
    """Make the role that lets its users see the marts; with Gamma they can open the dashboards."""
    from superset import db, security_manager
    from superset.models.core import Database

    role = security_manager.add_role(READERS)
    for path, asset in assets.items():
        if path.startswith("databases/"):
            database = db.session.query(Database).filter_by(uuid=asset["uuid"]).one()
            view = security_manager.add_permission_view_menu("database_access", database.perm)
            security_manager.add_permission_role(role, view)


if __name__ == "__main__":
    try:
        {"import": import_assets, "export": export_assets}[sys.argv[1]]()
    except AssetError as error:
        sys.exit(str(error))
