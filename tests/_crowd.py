"""Several processes that stand ready and act at the same moment, as the workers of a server do."""

import datetime as dt
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from models import (
    _sms,
    card_code,
    card_keys,
    card_once,
    cards,
    codes,
    entry,
    faults,
    granting,
    imports,
    invitations,
    joining,
    kiosks,
    months,
    odd_uses,
    offer_changes,
    openings,
    outbox,
    redeeming,
    rooms,
    second_factor,
    station_changes,
    tally,
    verifying,
)
from models._database import Busy, db, writing
from models._keys import KeyRing, use_ring
from models._record import Refused, random_code
from models._schema import upgrade
from models.areas import Setting
from models.codes import Caller
from models.invitations import Invitation
from models.merchants import Merchant
from models.offers import Offer
from models.people import Person, RoleGrant
from models.rooms import Room
from models.sessions import Session
from models.stations import Station
from models.visits import Outcome, TooMany, Who, admit
from tests._engines import opened

SIZE = 4
_barrier = None


class Crowd:
    """`SIZE` processes; `do` gives each its piece of work at once and brings back what became of it."""

    def __init__(self, keys):
        context = multiprocessing.get_context("spawn")
        self.pool = context.Pool(SIZE, _arrive, (context.Barrier(SIZE), str(keys)))

    def do(self, work, *arguments, each=()):
        """`work(*arguments)` in every process; with `each`, one of its tuples besides for each process."""
        return self.pool.starmap(work, [(*arguments, *more) for more in each or [()] * SIZE], chunksize=1)


def _arrive(barrier, keys):
    global _barrier
    _barrier = barrier
    use_ring(KeyRing.read(keys))


def in_threads(work, *arguments, each=()):
    """The same with threads of this process."""
    global _barrier
    _barrier = threading.Barrier(SIZE)

    def closing(*all):
        try:
            return work(*all)
        finally:
            db.close()

    with ThreadPoolExecutor(SIZE) as pool:
        waiting = [pool.submit(closing, *arguments, *more) for more in each or [()] * SIZE]
        return [result.result() for result in waiting]


def together():
    """Wait until all are here."""
    _barrier.wait(30)


# What a process of a crowd may do. It opens the database itself, as a worker does.


def press_elsewhere(url, rounds):
    """Press in each round (arguments of `admit`) at the same moment as the others; what each press became."""
    with opened(url):
        return press(rounds)


def press(rounds):
    became = []
    for station, who, told in rounds:
        together()
        became.append(outcome(station, who, **told))
    return became


def outcome(station, who, **told) -> str:
    """`admit`, with what it raises as a word."""
    try:
        became = admit(station, who, **told)
    except Refused as no:
        return no.code
    except TooMany:
        return "too many"
    except Busy:
        return "busy"
    assert isinstance(became, Outcome)
    return became.result


def upgrade_elsewhere(url):
    with opened(url):
        together()
        return upgrade()


def add_up_elsewhere(url, times):
    """Read a number and write it back one higher, `times` times: lost updates would show."""
    with opened(url):
        together()
        for _ in range(times):
            add_one()


def add_one():
    with writing():
        (n,) = db.execute_sql("SELECT n FROM revision" + (" FOR UPDATE" if not writing.path else "")).fetchone()
        db.execute_sql(f"UPDATE revision SET n = {n + 1}")


def end_session_elsewhere(url, token):
    with opened(url):
        together()
        Session.end(token)


def said(act, *arguments, **more) -> str:
    """What became of an act, in a word."""
    try:
        return str(act(*arguments, **more))
    except Refused as no:
        return no.code


def take_role_elsewhere(url, grant, by, at):
    with opened(url):
        grant, by = RoleGrant.get_by_id(grant), by and Person.get_by_id(by)
        together()
        return said(granting.take, grant, by=by, at=at)


def give_role_elsewhere(url, person, role, scope, at):
    with opened(url):
        person = Person.get_by_id(person)
        together()
        return said(granting.give, person, role, scope, ends_at=None, by=None, at=at) and "given"


def accept_elsewhere(url, token, person, at):
    with opened(url):
        invitation, person = Invitation.of(token), Person.get_by_id(person)
        together()
        became = said(invitations.accept, invitation, by=person, at=at)
        return became if became in ("over", "None") else "accepted"


def change_service_day_elsewhere(url, at, day):
    with opened(url):
        together()
        return "meanwhile" if Setting.change({"service_day": day}, {"service_day": 12}, by=None, at=at) else "changed"


def tally_elsewhere(url, station, by, at, client_id):
    with opened(url):
        station, by = Station.get_by_id(station), Person.get_by_id(by)
        together()
        return said(tally.add, station, 12, 5, client_id=client_id, by=by, now=at)


def correct_tally_elsewhere(url, station, by, at, should):
    with opened(url):
        station, by = Station.get_by_id(station), Person.get_by_id(by)
        together()
        return said(tally.correct, station, 12, 5, should, why="数重了", by=by, now=at)


def open_screen_elsewhere(url, token, at, half):
    with opened(url):
        kid = card_keys.our_half()[0]
        together()
        try:
            return kiosks.open_screen(token, half, kid, at=at).state
        except Refused as no:
            return no.code


def report_fault_elsewhere(url, station, at, actor):
    with opened(url):
        station = Station.get_by_id(station)
        together()
        return faults.report(station, "HOTW", actor=actor, at=at).id


def book_elsewhere(url, room, begin, at, person, client_id):
    with opened(url):
        room, person = Room.get_by_id(room), Person.get_by_id(person)
        together()
        end = begin + dt.timedelta(hours=1)
        became = said(rooms.book, room, person, begin, end, "开会", client_id=client_id, now=at)
        return became if became == "taken" else "booked"


def use_code_elsewhere(url, person, code, at):
    with opened(url):
        person = Person.get_by_id(person)
        together()
        return said(second_factor.is_right, person, code, at=at)


def guess_elsewhere(url, phone, at, times):
    """Try a wrong password `times` times at the same moment as the others; what each became."""
    with opened(url):
        together()
        return [guessed(phone, at) for _ in range(times)]


def guessed(phone, at) -> str:
    try:
        return (
            "wrong" if entry.by_password(phone, "wrong", Caller("b" * 32, "198.51.100.7"), at=at) is None else "right"
        )
    except Refused as no:
        return no.code


def ask_code_elsewhere(url, phone, device, at):
    with opened(url):
        together()
        return codes.ask(phone, "sign-in", Caller(device, f"198.51.100.{os.getpid()}"), "{code}", now=at)


def use_sms_code_elsewhere(url, phone, code, at, device):
    with opened(url):
        together()
        return codes.use(phone, "sign-in", code, Caller(device, f"198.51.100.{os.getpid()}"), now=at)


def register_elsewhere(url, phone, code, at, device):
    """Register with a code; the person's id."""
    with opened(url):
        together()
        person, _proof = entry.register(
            name="新来",
            phone=phone,
            work="courier",
            code=code,
            caller=Caller(device, f"198.51.100.{os.getpid()}"),
            at=at,
        )
        return person and person.id


def send_elsewhere(url, at):
    """Send what is due, with a sender that only counts; the ids that went."""

    class Counting:
        def send(self, phone, text, *, id, now):
            went.append(id)

    went: list[str] = []
    with opened(url):
        _sms.use_sender(Counting())
        together()
        for _ in range(20):
            outbox.send_due(at)
        return went


def freeze_elsewhere(url, month, at):
    with opened(url):
        together()
        return months.count(month, now=at, freeze=True)


def freeze_among_presses(url, station, at, n):
    """The first freezes, the others press for the last day as if they had had no network; what each did."""
    with opened(url):
        together()
        if n == 0:
            return "froze" if months.count(202409, now=at, freeze=True) else "late"
        for i in range(20):
            who = Who(None, f"{n}{i}".zfill(32))
            admit(station, who, client_id=f"f{n}-{i}", at=at - dt.timedelta(minutes=20), now=at)
        return "pressed"


def close_elsewhere(url, station, day, at):
    with opened(url):
        station = Station.get_by_id(station)
        together()
        return openings.add_exception(station, day, day, "", "停电", by=None, at=at).id


def end_exception_here(exception, at):
    exception = openings.HoursException.get_by_id(exception)
    together()
    openings.end_exception(exception, by=None, at=at)


def create_station_elsewhere(url, at, facts):
    with opened(url):
        together()
        return station_changes.create(facts, by=None, at=at).code


def change_station_elsewhere(url, station, seen, at, facts):
    with opened(url):
        station = Station.get_by_id(station)
        together()
        return said(station_changes.change, station, facts, seen, by=None, at=at)


def close_station_elsewhere(url, station, at, why):
    with opened(url):
        station = Station.get_by_id(station)
        together()
        station_changes.close(station, why, by=None, at=at)


def take_in_elsewhere(url, batch, at):
    with opened(url):
        batch = imports.ImportBatch.get_by_id(batch)
        together()
        return imports.apply(batch, by=None, at=at).state


def take_back_elsewhere(url, batch, at):
    with opened(url):
        batch = imports.ImportBatch.get_by_id(batch)
        together()
        return imports.undo(batch, by=None, at=at).state


def approve_shop_elsewhere(url, by, at, shop):
    with opened(url):
        shop, by = Merchant.get_by_id(shop), Person.get_by_id(by)
        together()
        return said(joining.approve, shop, by=by, at=at)


def settle_offer_elsewhere(url, offer, by, at, move):
    with opened(url):
        offer, by = Offer.get_by_id(offer), Person.get_by_id(by)
        together()
        return said(offer_changes.settle, offer, move, by=by, at=at, why="先不了")


def issue_card_elsewhere(url, at, person):
    with opened(url):
        person = Person.get_by_id(person)
        together()
        return cards.issue(person, by=person, at=at).number


def issue_card_to_phone_elsewhere(url, phone, by, at):
    with opened(url):
        by = Person.get_by_id(by)
        together()
        return cards.issue_to_phone(phone, "新来", "food", by=by, at=at, station=None).number


def enrol_card_elsewhere(url, card, at, public):
    with opened(url):
        card = cards.Card.get_by_id(card)
        together()
        return said(_enrolled, card, bytes.fromhex(public), at)


def _enrolled(card, public, at) -> str:
    return card_keys.enrol(card, public, card_keys.our_half()[0], by=card.person, at=at).code


def replace_card_elsewhere(url, card, by, at):
    with opened(url):
        card, by = cards.Card.get_by_id(card), Person.get_by_id(by)
        together()
        return cards.replace(card, by=by, at=at).number


def take_once_elsewhere(url, digits, at):
    with opened(url):
        together()
        with writing():
            return card_once.take_once(digits, at) is not None


def redeem_elsewhere(url, merchant, code, at):
    with opened(url):
        shop = redeeming.Shop(Merchant.get_by_id(merchant), -merchant)
        together()
        checked, given = verifying.check(card_code.parse(code), at), redeeming.giving(merchant, at)
        return redeeming.redeem(shop, checked, given, client_id=random_code(), now=at).reason


def say_fine(url, use, pair, by, at):
    """Somebody says of a flagged use and of a frequent pair that they are fine."""
    with opened(url):
        person = Person.get_by_id(by)
        far, often = odd_uses.far_one(use, ""), odd_uses.often_one(pair, "")
        together()
        odd_uses.far_is_fine(far, by=person, at=at)
        odd_uses.often_is_fine(often, by=person, at=at)
