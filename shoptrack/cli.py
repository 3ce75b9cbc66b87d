"""The command-line program `shoptrack`."""

# ruff: noqa: PLC0415 -- what a command needs is imported inside it, so that the program starts at once

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.progress import Progress as ProgressBar
    from rich.progress import ProgressColumn

    from shoptrack.erasure import Erasure, Person, Places
    from shoptrack.landing import LandedFile
    from shoptrack.landing.exports import Progress
    from shoptrack.status import Status

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def describe() -> None:
    """An e-commerce tracking warehouse: land raw exports, build the marts with dbt, read them."""


@app.command()
def land(
    table: Annotated[str, typer.Argument(metavar="SOURCE.TABLE", help="Such as web.events.")],
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="CSV, JSON lines (both also .gz) or Parquet."),
    ],
) -> None:
    """Land exports into the landing zone, each content once.

    A file that does not fit is refused as a whole and stays where it is; the others are landed.
    """
    from shoptrack.contract import UnknownTableError, find_table
    from shoptrack.landing import RefusedFileError, land_file, landing_zone

    try:
        source = find_table(table).source
    except UnknownTableError as error:
        raise _failure(str(error), code=2) from None
    refused = 0
    for file in files:
        try:
            with _progress_of(file) as progress:
                landed = land_file(landing_zone(), table, file, progress=progress)
        except RefusedFileError as error:
            refused += 1
            typer.echo(f"refused  {file}: {error}", err=True)
        except OSError as error:
            raise _failure(f"{file}: the landing zone {landing_zone()}: {error}") from error
        else:
            typer.echo(_describe_landed(file, table, landed))
            _note_drift(file, landed)
    if refused:
        raise _failure(f"{refused} of {len(files)} files refused; they are where they were")
    _note_adapter_off(source)


def _note_drift(file: Path, landed: LandedFile) -> None:
    """Say what of a new file's columns is not as in the files before."""
    from shoptrack.landing.drift import drift_of

    for change in drift_of(landed.path) if landed.is_new else ():
        typer.echo(f"drift    {file}: {change}", err=True)


def _note_adapter_off(source: str) -> None:
    """Say so when nothing will read what was landed."""
    from shoptrack.contract import adapters, chosen_adapters

    if source in set(adapters()) - set(chosen_adapters()):
        typer.echo(
            f"note     the adapter {source} is off, so no build reads this: add {source} to"
            " adapters among the vars of dbt_project.yml (docs/sources.md)",
            err=True,
        )


def _describe_landed(file: Path, table: str, landed: LandedFile) -> str:
    from shoptrack.contract import tables

    if not landed.is_new:
        return f"skipped  {file}: the same content was landed before, as {landed.path.name}"
    text = f"landed   {file}: {landed.row_count:,} rows of {table}"
    if landed.erased_row_count:
        text += f"; {landed.erased_row_count:,} rows named persons who were erased"
    count = len(landed.unknown_columns)
    if count:
        names = ", ".join(landed.unknown_columns)
        reader = "contract" if table in tables() else "adapter"
        text += f"; kept {count} column{'s'[: count > 1]} that the {reader} does not know: {names}"
    return text


@contextmanager
def _progress_of(file: Path) -> Iterator[Progress]:
    """A bar of the bytes read, on a terminal only; every file is read twice."""
    from rich.markup import escape
    from rich.progress import DownloadColumn

    with _bar(DownloadColumn()) as bar:
        total = 2 * file.stat().st_size if file.is_file() else None
        task = bar.add_task(escape(file.name), total=total)
        yield lambda count: bar.advance(task, count)


def _bar(unit: ProgressColumn) -> ProgressBar:
    """A bar on standard error that leaves nothing behind; hidden where there is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as ProgressBar

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), unit, TimeRemainingColumn())
    return ProgressBar(*columns, console=console, transient=True, disable=not console.is_terminal)


@app.command()
def demo(
    days: Annotated[int | None, typer.Option(min=1, help="Days to simulate.")] = None,
    visitors: Annotated[int | None, typer.Option(min=1, help="Visitors in all days.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Same seed, same bytes.")] = None,
    dialect: Annotated[
        str,
        typer.Option(metavar="NAME,…", help="Whose exports: contract, or those of other systems."),
    ] = "contract",
) -> None:
    """Simulate a shop and land its raw data, with the truth it was drawn from beside it.

    With --dialect ga4,shopify the same shop comes as those systems export it; what they do not
    carry comes in the contract's shape. With contract among the names, everything does as well.
    """
    from rich.progress import MofNCompleteColumn

    from shoptrack.demo.dialects import Dialects
    from shoptrack.demo.simulate import simulate
    from shoptrack.landing import landing_zone

    zone = landing_zone()
    given = {"days": days, "visitors": visitors, "seed": seed}
    chosen = {name: value for name, value in given.items() if value is not None}
    dialects = [name.strip() for name in dialect.split(",") if name.strip()]
    try:
        with _bar(MofNCompleteColumn()) as bar:
            task = bar.add_task("simulating days", total=days)
            simulate(
                zone,
                dialects=dialects,
                **chosen,
                on_day=lambda done, total: bar.update(task, completed=done, total=total),
            )
    except ValueError as error:
        raise _failure(str(error)) from None
    adapters = ", ".join(Dialects(dialects).adapters)
    command = f"dbt build --vars '{{adapters: [{adapters}]}}'" if adapters else "dbt build"
    typer.echo(f"The demo shop's raw data is in {zone}. Run {command} next.")


@app.command()
def erase(  # noqa: PLR0913, PLR0917
    subject: Annotated[
        str, typer.Argument(metavar="[SUBJECT]", help="Customer id, e-mail, phone or visitor id.")
    ] = "",
    requests: Annotated[
        bool, typer.Option("--requests", help="All open rows of shop.erasure_requests.")
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Further ids of the person; may be repeated."),
    ] = None,
    parquet: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="A Parquet export to replace; may be repeated."),
    ] = None,
    variables: Annotated[
        str | None, typer.Option("--vars", help="dbt's --vars, if your builds are given any.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask for no confirmation.")] = False,
) -> None:
    """Erase a person from landed files, warehouse and published copies, and write a proof.

    Orders, their lines and their money stay, without the person. Takes as long as a full build. An
    erasure that was killed goes on where it stopped when this is run again.
    """
    from shoptrack.erasure import ErasureError, begin, pending
    from shoptrack.publishing import PublishError

    if requests == bool(subject):
        raise _failure("name a SUBJECT, or give --requests: shoptrack erase --help", code=2)
    if requests and also:
        raise _failure("--also ID is of one SUBJECT: erase that one by itself", code=2)
    places = _places_of_persons(parquet or [], variables)
    asked = [] if requests else [subject, *(also or ())]
    try:
        unfinished = pending(places)
        if unfinished:
            typer.echo("An erasure did not end; it goes on first.", err=True)
            _run_erasure(unfinished, yes)
            if asked and asked == list(unfinished.asked):
                return
        person = _person_to_erase(places, subject, requests, also or [])
        if person:
            _run_erasure(begin(places, person, asked), yes)
    except (ErasureError, PublishError) as error:
        raise _failure(str(error)) from None


def _places_of_persons(exports: list[Path], variables: str | None) -> Places:
    import os

    from shoptrack.contract import PROJECT_ROOT
    from shoptrack.erasure import Places
    from shoptrack.landing import landing_zone
    from shoptrack.warehouse import is_on_spark, published_path, warehouse_path

    if is_on_spark():
        raise _failure(
            "Spark's tables are not erased by this program: erase what was landed with"
            " SHOPTRACK_TARGET=duckdb shoptrack erase, then run dbt build --full-refresh on"
            f" {os.environ['SHOPTRACK_TARGET']} and publish again (docs/spark.md)"
        )
    data = PROJECT_ROOT / "data"
    return Places(
        zone=landing_zone(),
        warehouse=warehouse_path(),
        published=published_path(),
        inbox=Path(os.environ.get("SHOPTRACK_INBOX") or data / "inbox"),
        proofs=Path(os.environ.get("SHOPTRACK_ERASURES") or data / "erasures"),
        exports=exports,
        variables=variables,
    )


def _person_to_erase(
    places: Places, subject: str, requests: bool, also: list[str]
) -> Person | None:
    """The person that a subject names, or all whose request is open; None where none is."""
    from functools import reduce

    from shoptrack.erasure import ErasureError, Person, find_person, open_requests

    if not requests:
        return find_person(places.zone, subject, also)
    persons = []
    for asked in open_requests(places.zone):
        try:
            persons.append(find_person(places.zone, asked))
        except ErasureError as error:
            typer.echo(f"skipped   {error}", err=True)
    if not persons:
        typer.echo("No request is open.")
        return None
    return reduce(Person.joined, persons)


def _run_erasure(erasure: Erasure, yes: bool) -> None:
    """Show what was found, ask, erase, and say where the proof is."""
    found = ", ".join(f"{count:,} {kind}" for kind, count in erasure.person.counts.items())
    typer.echo(f"identifiers  {found}")
    for path, (dropped, blanked) in erasure.changes.items():
        typer.echo(f"{path}: {dropped:,} rows go, {blanked:,} stay without the person")
    for original in erasure.originals.done:
        typer.echo(f"{original}: an original that was landed; it is removed")
    for file in (*erasure.originals.waiting, *erasure.originals.unreadable):
        typer.echo(f"{file}: a file of the inbox that stays; see to it by hand")
    if not yes:
        typer.confirm("Erase all this? It cannot be taken back.", abort=True)
    proof = erasure.run(say=lambda step: typer.echo(f"erasing      {step}", err=True))
    for note in erasure.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(f"erased; nothing was found any more. Proof: {proof}")


@app.command()
def status() -> None:
    """Show the headline figures, the newest event, and which rows were rejected and why."""
    from shoptrack.status import NoStatusError, read_status
    from shoptrack.warehouse import published_path, warehouse_path

    try:
        found = read_status(warehouse_path())
    except NoStatusError as error:
        if "is in use by" not in str(error) or not published_path().exists():
            raise _failure(str(error)) from None
        found = _read_copy(published_path())
    _print_status(found)


def _read_copy(copy: Path) -> Status:
    from shoptrack.status import NoStatusError, read_published_at, read_status

    try:
        published_at, found = read_published_at(copy), read_status(copy)
    except NoStatusError as error:
        raise _failure(f"a build is running, and the copy says nothing: {error}") from None
    typer.echo(
        f"A build is running; this is the copy {copy} of {published_at:%Y-%m-%d %H:%M} UTC:\n",
        err=True,
    )
    return found


@app.command()
def publish(
    with_personal_columns: Annotated[
        bool, typer.Option("--with-personal-columns", help="Also year of birth, gender, raw rows.")
    ] = False,
    keep: Annotated[
        int,
        typer.Option(min=0, help="Copies before it to keep; with 0 who just opens one may fail."),
    ] = 2,
    parquet: Annotated[
        Path | None,
        typer.Option("--parquet", metavar="FOLDER", help="Also write a Parquet file per mart."),
    ] = None,
) -> None:
    """Put a read-only copy of the marts where BI tools read it, in the place of the one before.

    Refused while a model or a data test of the last builds failed: then the copy before stays.
    Where SHOPTRACK_PUBLISHED_POSTGRES is set, that copy is then loaded into PostgreSQL.
    """
    from shoptrack import publishing
    from shoptrack.warehouse import published_path, warehouse_path

    try:
        url = publishing.postgres_url()
        if url and with_personal_columns:
            raise publishing.PublishError(
                "PostgreSQL never gets personal columns: unset SHOPTRACK_PUBLISHED_POSTGRES, or"
                " publish without --with-personal-columns"
            )
        copy = publishing.publish(
            warehouse_path(),
            published_path(),
            with_personal_columns=with_personal_columns,
            keep=keep,
        )
        typer.echo(f"published {_size(copy.row_counts, copy.size_bytes)}: {copy.path}")
        if parquet:
            exported = publishing.export_parquet(copy.path, parquet)
            typer.echo(f"exported  {_size(exported.row_counts, exported.size_bytes)}: {parquet}")
        if url:
            _load_postgres(copy.path, url)
    except publishing.PublishError as error:
        raise _failure(str(error)) from None


def _size(row_counts: dict[str, int], size_bytes: int | None = None) -> str:
    text = f"{len(row_counts)} marts with {sum(row_counts.values()):,} rows"
    return text if size_bytes is None else f"{text}, {size_bytes / 1e6:,.1f} MB"


def _load_postgres(copy: Path, url: str) -> None:
    from rich.progress import MofNCompleteColumn

    from shoptrack.publishing import load_postgres

    with _bar(MofNCompleteColumn()) as bar:
        task = bar.add_task("loading PostgreSQL", total=None)
        loaded = load_postgres(
            copy,
            url,
            on_mart=lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(f"loaded    {_size(loaded.row_counts)}: PostgreSQL {loaded.database}")
    for note in loaded.notes:
        typer.echo(f"note: {note}", err=True)


@app.command("refresh-bots")
def refresh_bots() -> None:
    """Write seeds/bot_user_agents.csv anew, from the installed package and the shop's own rows."""
    from shoptrack import bots

    try:
        rows, notes = bots.robots(bots.published(), bots.own_choices())
    except bots.RobotListError as error:
        raise _failure(str(error)) from None
    before = set(bots.read_seed(bots.SEED)) if bots.SEED.exists() else set()
    bots.write_seed(rows, bots.SEED)
    new, gone = len(set(rows) - before), len(before - set(rows))
    typer.echo(f"{len(rows):,} patterns, {new:,} new, {gone:,} gone: {bots.SEED}")
    for note in notes:
        typer.echo(f"note: {note}", err=True)


def _print_status(status: Status) -> None:
    width = max(len(label) for label, _ in status.figures)
    for label, text in status.figures:
        typer.echo(f"{label:<{width}}  {text:>20}")
    for table, reason, count in status.rejections:
        typer.echo(f"  {count:,} of {table}: {reason}")
    if status.unbuilt:
        typer.echo(f"not built yet: {', '.join(status.unbuilt)}; run dbt build")
    typer.echo("\nWhere to go next:")
    for line in NEXT_STEPS:
        typer.echo(f"  {line}")


NEXT_STEPS = (
    "shoptrack land SOURCE.TABLE FILE…  lands your own exports; README.md names the columns",
    "dbt build                          brings the marts up to date with what was landed",
    "shoptrack publish                  puts a read-only copy of the marts where BI tools read it",
    "dbt show --inline 'select * from {{ ref(\"fct_sessions\") }}'  looks into a mart",
)


def _failure(message: str, code: int = 1) -> typer.Exit:
    """Say on standard error what went wrong, and give the exception that ends the program."""
    typer.echo(f"shoptrack: {message}", err=True)
    return typer.Exit(code)
