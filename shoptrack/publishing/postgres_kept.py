"""What people added to published tables: read before the tables are swapped, made again after it.

Views keep their identity, and with it owner, rights, comments and what is built on them: they are
only pointed at the new tables. Rights and indexes are copied. Materialized views are made anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from shoptrack.publishing.errors import PublishError
from shoptrack.publishing.postgres_server import Connection
from shoptrack.publishing.postgres_tables import INDEX_COMMENT
from shoptrack.quoting import literal, quoted


@dataclass(frozen=True)
class View:
    """A view or materialized view that reads published tables. `name` is qualified and quoted."""

    oid: int
    name: str
    owner: str
    is_materialized: bool
    is_populated: bool
    options: list[str]
    definition: str
    is_ours_to_change: bool
    is_of_administrator: bool

    @property
    def kind(self) -> str:
        """As DDL calls it."""
        return "materialized view" if self.is_materialized else "view"


_VIEWS = """
    select distinct
        views.oid, format('%%I.%%I', nspname, relname), rolname, relkind = 'm', relispopulated,
        coalesce(reloptions, '{}'), pg_get_viewdef(views.oid),
        pg_has_role(current_user, relowner, 'usage'), rolsuper
    from pg_depend
    inner join pg_rewrite on pg_rewrite.oid = pg_depend.objid
    inner join pg_class as views on views.oid = ev_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    inner join pg_roles on pg_roles.oid = relowner
    where
        pg_depend.classid = 'pg_rewrite'::regclass
        and pg_depend.refclassid = 'pg_class'::regclass
        and pg_depend.refobjid = any(%s)
        and relkind in ('v', 'm')
    order by views.oid
"""
_UNKEPT = """
    select format('policy %%s of %%s', polname, polrelid::regclass) from pg_policy
    where polrelid = any(%(tables)s)
    union all
    select format('trigger %%s of %%s', tgname, tgrelid::regclass) from pg_trigger
    where tgrelid = any(%(tables)s) and not tgisinternal
    union all
    select format('constraint %%s of %%s', conname, conrelid::regclass) from pg_constraint
    where conrelid = any(%(tables)s) and contype in ('c', 'f', 'u', 'x')
    union all
    select format('rule %%s of %%s', rulename, ev_class::regclass) from pg_rewrite
    where ev_class = any(%(tables)s) and ev_type <> '1'
    union all
    select format('row level security of %%s', oid::regclass) from pg_class
    where oid = any(%(tables)s) and relrowsecurity
    order by 1
"""
_INDEXES = """
    select pg_get_indexdef(indexrelid) from pg_index
    left join pg_constraint on conindid = indexrelid
    where
        indrelid = %s and pg_constraint.oid is null
        and obj_description(indexrelid, 'pg_class') is distinct from %s
    order by indexrelid
"""
_RIGHTS = """
    select '', privilege_type, coalesce(rolname, ''), is_grantable
    from pg_class cross join aclexplode(relacl) left join pg_roles on pg_roles.oid = grantee
    where pg_class.oid = %(relation)s and grantee <> relowner
    union all
    select attname, privilege_type, coalesce(rolname, ''), is_grantable
    from pg_attribute cross join aclexplode(attacl) left join pg_roles on pg_roles.oid = grantee
    where attrelid = %(relation)s
    order by 1, 2, 3
"""
_COMMENTS = """
    select coalesce(attname, ''), description
    from pg_description left join pg_attribute on attrelid = objoid and attnum = objsubid
        and objsubid > 0
    where classoid = 'pg_class'::regclass and objoid = %s
"""


def dependent_views(connection: Connection, tables: Iterable[int]) -> list[View]:
    """Return the views that read one of the tables themselves, not through another view."""
    rows = connection.execute(_VIEWS, [list(tables)]).fetchall()
    return [View(*row) for row in rows]


def refuse_unkept(connection: Connection, tables: Iterable[int]) -> None:
    """Raise PublishError where a swap would lose what it cannot make again, or may not touch."""
    tables = list(tables)
    if lost := [name for (name,) in connection.execute(_UNKEPT, {"tables": tables}).fetchall()]:
        raise PublishError(
            f"a new load would lose what was added to its tables: {', '.join(lost)}. Drop it, or"
            " put it on a view of the table instead"
        )
    foreign = [view for view in dependent_views(connection, tables) if not view.is_ours_to_change]
    if foreign:
        names, role = ", ".join(view.name for view in foreign), quoted(connection.info.user)
        steps = dict.fromkeys(
            # Who may act for an administrator would be one.
            f"alter {view.kind} {view.name} owner to {role}"
            if view.is_of_administrator
            else f"grant {quoted(view.owner)} to {role}"
            for view in foreign
        )
        raise PublishError(
            f"views of others stand on the marts, and the role {role} may not point them at new"
            f" tables: {names}. Let an administrator run: {'; '.join(steps)}; or drop the views"
        )


def copy_indexes(connection: Connection, old: int, old_name: str, new_name: str) -> None:
    """Make on the new table the indexes that people made on the old one."""
    for (definition,) in connection.execute(_INDEXES, [old, INDEX_COMMENT]).fetchall():
        pattern = rf" ON (ONLY )?{re.escape(old_name)} USING "
        moved = re.sub(pattern, lambda _: f" ON {new_name} USING ", definition, count=1)
        try:
            connection.execute(moved.encode())
        except (psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction) as error:
            raise PublishError(
                f"an index does not fit the new table: {error.diag.message_primary}. Drop it and"
                f" publish again: {definition}"
            ) from None


def without_rights(name: str) -> str:
    """Return the statement that takes all rights on a new relation from all but its owner.

    It has them where `alter default privileges` gives them to every new table of the loader.
    """
    relation = literal(name)
    block = f"""
        declare grantee_name text;
        begin
            for grantee_name in
                select distinct coalesce(quote_ident(rolname), 'public')
                from pg_class cross join aclexplode(relacl)
                left join pg_roles on pg_roles.oid = grantee
                where pg_class.oid = cast({relation} as regclass) and grantee <> relowner
            loop
                execute format('revoke all on %s from %s cascade', {relation}, grantee_name);
            end loop;
        end
    """
    return f"do {literal(block)}"


def grants(connection: Connection, relation: int, name: str, columns: Iterable[str]) -> list[str]:
    """Return the statements that give others the rights they had on a relation on `name`."""
    known = {"", *columns}
    rows = connection.execute(_RIGHTS, {"relation": relation}).fetchall()
    return [
        f"grant {privilege}{f' ({quoted(column)})' if column else ''} on {name}"
        f" to {quoted(role) if role else 'public'}{' with grant option' if grantable else ''}"
        for column, privilege, role, grantable in rows
        if column in known
    ]


def point_view(connection: Connection, view: View) -> None:
    """Let a view read what now has the names in its definition."""
    options = f" with ({', '.join(_option(option) for option in view.options)})"
    statement = (
        f"create or replace view {view.name}{options if view.options else ''} as {view.definition}"
    )
    _make(connection, view, [statement])


def take_materialized_view(connection: Connection, view: View) -> list[str]:
    """Drop a materialized view; return the statements that make it again as it was.

    It is filled only when it has its owner again, so that the functions in it run with the
    owner's rights and not with those of the load.
    """
    options = f" with ({', '.join(map(_option, view.options))})" if view.options else ""
    definition = view.definition.rstrip(";")
    indexes = connection.execute(_INDEXES, [view.oid, ""]).fetchall()
    columns = connection.execute(
        "select attname from pg_attribute where attrelid = %s and attnum > 0", [view.oid]
    ).fetchall()
    made = [
        f"create materialized view {view.name}{options} as {definition} with no data",
        f"alter materialized view {view.name} owner to {quoted(view.owner)}",
        *(definition for (definition,) in indexes),
        without_rights(view.name),
        *grants(connection, view.oid, view.name, [name for (name,) in columns]),
    ]
    for column, comment in connection.execute(_COMMENTS, [view.oid]).fetchall():
        what = f"column {view.name}.{quoted(column)}" if column else f"{view.kind} {view.name}"
        made.append(f"comment on {what} is {literal(comment)}")
    if view.is_populated:
        made.append(f"refresh materialized view {view.name}")
    connection.execute(f"drop materialized view {view.name}".encode())
    return made


def make_materialized_view(connection: Connection, view: View, statements: list[str]) -> None:
    """Make a materialized view again; raises PublishError where the new tables do not fit it."""
    _make(connection, view, statements)


def _make(connection: Connection, view: View, statements: list[str]) -> None:
    try:
        for statement in statements:
            connection.execute(statement.encode())
    except (
        psycopg.errors.UndefinedColumn,
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedFunction,
        psycopg.errors.InvalidTableDefinition,
        psycopg.errors.DatatypeMismatch,
    ) as error:
        raise PublishError(
            f"the {view.kind} {view.name} of {quoted(view.owner)} does not fit the new tables:"
            f" {error.diag.message_primary}. Change or drop it, and publish again"
        ) from None


def _option(option: str) -> str:
    name, _, value = option.partition("=")
    return f"{name} = {literal(value)}"
