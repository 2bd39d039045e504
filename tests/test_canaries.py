"""A day of use, and nothing of what is secret stands anywhere in plain: not in the database's files, not in our logs (R27)."""

import logging
import re
from pathlib import Path

import pyotp
import pytest

from models import _sms
from models._database import db, is_postgres, writing
from models.outbox import Outbox, send_due
from models.people import Person
from models.second_factor import SecondFactor
from tests._engines import path_of

FIRST, SECOND = "13912345678", "13998765432"
PASSWORD = "金丝雀口令-canary"


class Sent:
    """A gateway that keeps what it was given."""

    def __init__(self):
        self.codes = []

    def send(self, phone, text, **_):
        self.codes.append(re.search(r"\d{6}", text)[0])


@pytest.fixture
def day(town, phone, monkeypatch, caplog):
    """Somebody registers, sets a password and a second factor, changes the number; the secrets of that day."""
    caplog.set_level(logging.DEBUG)
    sent = Sent()
    monkeypatch.setattr(_sms, "sender", lambda: sent)

    def code():
        send_due(phone.now)
        return sent.codes[-1]

    joining = {"name": "金丝雀", "phone": FIRST, "industry": "food", "agree": "y", "version": "1", "next": ""}
    assert phone.post("/register", joining).status_code == 200
    assert phone.post("/register", joining | {"asked": "1", "code": "000000"}).status_code == 422
    assert phone.post("/register", joining | {"asked": "1", "code": code()}).location == "/me/"
    assert phone.post("/me/password", {"password": PASSWORD}).status_code == 303
    before = phone.cookie("sid")
    phone.post("/sign-out")
    phone.post("/sign-in/password", {"phone": FIRST, "password": PASSWORD + "!", "next": ""})
    assert phone.post("/sign-in/password", {"phone": FIRST, "password": PASSWORD, "next": ""}).status_code == 303
    assert phone.post("/me/phone", {"phone": SECOND}).status_code == 200
    assert phone.post("/me/phone", {"phone": SECOND, "asked": "1", "code": code()}).status_code == 303
    person = Person.by_phone(SECOND)
    phone.post("/me/second")
    secret = SecondFactor.of(person).secret
    paper = phone.post("/me/second/confirmation", {"code": pyotp.TOTP(secret).at(phone.now)}).page.text
    return {
        "first number": FIRST,
        "second number": SECOND,
        "password": PASSWORD,
        "secret of the app": secret,
        "device": phone.cookie("device"),
        "session": phone.cookie("sid"),
        "session before": before,
        "code on paper": re.search(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b", paper)[0],
        **{f"code {n}": code for n, code in enumerate(sent.codes)},
    }


def kept(url) -> bytes:
    """All bytes that the database keeps: SQLite's files as they lie there, or all rows of PostgreSQL."""
    if not is_postgres():
        file = path_of(url)
        return b"".join(path.read_bytes() for path in Path(file.parent).glob(file.name + "*"))
    told = [
        repr(tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row))
        for table in db.get_tables()
        for row in db.execute_sql(f'SELECT * FROM "{table}"').fetchall()
    ]
    return "\n".join(told).encode()


def test_no_secret_of_a_day_stands_anywhere_in_plain(day, town, caplog):
    everything = kept(town.url)
    assert len(everything) > 5_000 and "金丝雀".encode() in everything  # names are plain: we look at the right place
    for what, canary in day.items():
        assert canary.encode() not in everything, what
        assert canary.replace("-", "").encode() not in everything, what
        assert canary not in caplog.text, what


def test_what_was_sent_is_forgotten(day, town):
    assert [(row.to, row.text) for row in Outbox.select()] == [(None, None)] * 2


def test_after_closing_the_name_is_gone_too(day, town, phone):
    assert phone.post("/me/close").status_code == 200
    if not is_postgres():
        with writing.lock():
            db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "金丝雀".encode() not in kept(town.url)
