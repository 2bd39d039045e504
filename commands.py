"""The `flask` commands: db, district, demo, poster, recount."""

import datetime as dt
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from models import demo as demos
from models import visits
from models._record import Refused
from models._schema import upgrade
from models.stations import PosterToken, find_station

DISTRICTS = Path(__file__).parent / "districts"


def add(app: Flask):
    """Give the app its commands."""
    for group in (database, district, demo, poster):
        app.cli.add_command(group)
    app.cli.add_command(recount)


database = AppGroup("db", help="The schema.")
district = AppGroup("district", help="The district's own data.")
demo = AppGroup("demo", help="The demo district.")
poster = AppGroup("poster", help="The printed codes.")


@database.command("upgrade")
def db_upgrade():
    """Apply the migrations that are missing."""
    for name in upgrade():
        click.echo(f"applied {name}")


@district.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
def district_load(folder):
    """Take in a district from its folder of a settings file and CSVs."""
    click.echo(f"{demos.load_district(Path(folder), at=_now())} stations")


@demo.command("load")
@click.option("--if-empty", is_flag=True, help="Do nothing when there is something already.")
def demo_load(if_empty):
    """Load the demo district with its ten accounts into an empty database."""
    try:
        click.echo(f"{demos.load_demo(DISTRICTS / 'yanzhou', at=_now())} stations, {len(demos.ACCOUNTS)} accounts")
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
    for table, differed in visits.recount().items():
        click.echo(f"{table}: {differed} put right")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
