"""The `flask` commands: db, district, demo, admin, poster, keys, trail, recount, retain, work, import."""

import datetime as dt
import logging
import signal
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from models import (
    _keys,
    _work,
    comparing,
    doubting,  # noqa: F401, nothing asks for it, but its work is due
    figures,
    freezing,
    imports,
    invitations,
    lists,
    retention,
    rotation,
    seals,
    sheets,
    use_totals,
)
from models import demo as demos
from models._record import Refused
from models._schema import check, upgrade
from models.stations import PosterToken, find_station
from models.values import Malformed

DISTRICTS = Path(__file__).parent / "districts"


def add(app: Flask):
    """Give the app its commands."""
    for group in (database, district, demo, admin, poster, keys, trail):
        app.cli.add_command(group)
    for command in (recount, retain, work, take_in):
        app.cli.add_command(command)


database = AppGroup("db", help="The schema.")
district = AppGroup("district", help="The district's own data.")
demo = AppGroup("demo", help="The demo district.")
admin = AppGroup("admin", help="Administrators.")
poster = AppGroup("poster", help="The printed codes.")
keys = AppGroup("keys", help="The keys under which phones and the like lie.")
trail = AppGroup("trail", help="The trail and its seals.")


@database.command("upgrade")
def db_upgrade():
    """Apply the migrations that are missing."""
    for name in upgrade():
        click.echo(f"applied {name}")


@district.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
def district_load(folder):
    """Take in a district from its folder of a settings file and CSVs."""
    try:
        click.echo(f"{demos.load_district(Path(folder), at=_now())} stations")
    except Malformed as wrong:
        raise click.ClickException(f"settings.toml: {wrong}") from wrong


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is something already.")
@click.option("--without-people", is_flag=True, help="Only the stations and the ten accounts: nobody rides, no visits.")
def demo_load(if_empty, without_people):
    """Load the demo district into an empty database: ten accounts, 4,517 partners, eighteen months of visits."""
    try:
        count = demos.load_demo(DISTRICTS / "yanzhou", at=_now(), people=not without_people)
        click.echo(f"{count} stations, {len(demos.ACCOUNTS)} accounts")
    except Refused as no:
        if not if_empty:
            raise click.ClickException(no.message) from no


@demo.command("remove")
def demo_remove():
    """Make a demo's database anew, empty."""
    try:
        demos.remove_demo()
    except Refused as no:
        raise click.ClickException(no.message) from no


@admin.command("invite")
def admin_invite():
    """Make the link by which somebody becomes administrator: the first of a district, or one who can help again."""
    made = invitations.invite("administrator", "", grant_ends_at=None, by=None, at=_now())
    base = current_app.config["BASE_URL"] or "http://127.0.0.1:8000"
    click.echo(f"{base}/invited/{made.token}")
    click.echo("It works once, for seven days. Whoever opens it signs in with their own phone and is administrator.")


@poster.command("renew")
@click.argument("code")
def poster_renew(code):
    """Give a station's poster a new code; the old one still counts and says kindly that it is old."""
    station = find_station(code)
    if station is None:
        raise click.ClickException("no such station")
    click.echo(PosterToken.issue(station, by=None, at=_now()).token)


@click.command("recount")
def recount():
    """Count all totals anew from the rows, say what differed and put it right."""
    for table, differed in (figures.recount() | use_totals.recount(_now()) | freezing.recount()).items():
        click.echo(f"{table}: {differed} {'differ' if 'frozen' in table else 'put right'}")


@keys.command("status")
def keys_status():
    """Which keys there are, and how many rows lie under each."""
    with _right_keys():
        rotation.check_keys()
    for purpose, ring in _keys.ring().keys.items():
        click.echo(f"{purpose}: {', '.join(ring)}{' (the last is for what is new)' if len(ring) > 1 else ''}")
    for count in rotation.status():
        click.echo(f"{count.table}.{count.column}: {count.rows} under key {count.kid}")


@keys.command("rotate")
def keys_rotate():
    """Bring all rows to the newest keys. The server goes on; ended in the middle, it goes on from there next time."""
    time.sleep(2 * _keys.AGAIN)  # by then every process has read the file of keys again, and writes with the new key
    locked = told_of = 0
    with _right_keys():
        for told in rotation.rotate(_now()):
            if told.over:
                click.echo(f"{told.table}: {told.done} brought to the newest keys, {told.locked} that no key opens")
                locked, told_of = locked + told.locked, 0
            elif told.done >= told_of + 10_000:
                told_of = told.done
                click.echo(f"{told.table}: {told.done} so far")
    if left := rotation.old():
        raise click.ClickException(f"{left} are not under the newest key ({locked} that no key opens): keep all keys")
    click.echo("0 under an old key: it may go into the archive until the oldest backup is gone, and out of the ring")


@trail.command("verify")
def trail_verify():
    """Read the whole trail again and compare it with its seals. Print the head hash and keep it elsewhere."""
    found = seals.check(_now())
    click.echo(f"{found.seals} seals over {found.lines} lines")
    click.echo(f"head: {found.head.hex()} (after line {max(found.last, 0)})")
    if found.wrong:
        raise click.ClickException(f"does not fit: {found.wrong}")


@click.command("retain")
@click.option("--dry", is_flag=True, help="Only count.")
def retain(dry):
    """Let go of what has been kept long enough."""
    for what, count in retention.retain(_now(), dry=dry).items():
        click.echo(f"{what}: {count}{' would go' if dry else ' gone'}")


@click.command("import")
@click.argument("kind", type=click.Choice(list(lists.KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--dry", is_flag=True, help="Only say what would happen.")
def take_in(kind, file, dry):
    """Take a list of stations, towns, grids or units in, .csv or .xlsx. Its page in the browser takes it back."""
    try:
        batch = imports.preview(kind, file, Path(file).read_bytes(), by=None, at=_now())
        if not dry:
            batch = imports.apply(batch, by=None, at=_now())
    except sheets.Unread as no:
        raise click.ClickException(no.message % no.inside) from no
    except Refused as no:
        raise click.ClickException(no.message) from no
    for row in batch.rows(comparing.WRONG):
        for field, sentence, inside in row.mistakes:
            click.echo(f"row {row.number}, {field}: {sentence % inside if inside else sentence}")
    said = ", ".join(f"{count} {state}" for state, count in batch.counts().items())
    click.echo(f"{said}{' (nothing taken in yet)' if dry else ''}: /imports/batches/{batch.ref}")


@contextmanager
def _right_keys():
    try:
        yield
    except rotation.WrongKey as wrong:
        raise click.ClickException(str(wrong)) from wrong


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now and end.")
def work(once):
    """Do what is due beside the web, until told to end (SIGTERM, Ctrl-C); the piece at hand is finished first."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    check()
    with _right_keys():
        rotation.check_keys()
    stop = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        # Not here: what is interrupted, an earlier signal's perhaps, may hold the lock that set() takes.
        signal.signal(told, lambda *_: threading.Thread(target=stop.set).start())
    with _work.alone(None if once else stop) as ours:
        if not ours and once:
            raise click.ClickException("another worker is at it")
        for name in _work.once(_now()) if once else ():
            click.echo(name)
        if ours and not once:
            _work.run(stop)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
