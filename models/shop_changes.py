"""How a shop changes its hours: shut or fewer at once, longer ones when somebody has looked at them."""

import datetime as dt

from models._database import hold, writing
from models._record import N_, Refused, number_of
from models.areas import Revision
from models.hours import Rule, Times, season_of, times_of
from models.hours_text import Unclear, parse_times, times_words, words
from models.merchants import LISTED, HoursWish, Merchant, MerchantBreak
from models.openings import FURTHEST, today
from models.people import Person
from models.shop_hours import around, business_day, covers, pause_of, rules_of

ASKED, APPROVED, REFUSED, ENDED = "asked", "approved", "refused", "ended"

MOVES = {"approve": ({ASKED}, APPROVED), "refuse": ({ASKED}, REFUSED), "end": ({ASKED}, ENDED)}
"""What becomes of a wish for longer hours: move → from, to."""

LONGER = N_("Longer hours are looked at first. Please ask for them in the hours of the week.")


# Stopping needs nobody's leave.


def pause(merchant: Merchant, *, by: Person, at: dt.datetime):
    """Shut for the rest of today, seen at once; after midnight of the evening that goes on. Twice is once."""
    with writing():
        hold(merchant.lock)
        breaks = around(merchant, today(at))
        if pause_of(merchant.hours, breaks, at) is None:
            day = business_day(merchant.hours, breaks, at)
            _break(merchant, day, day, "", "", at)
            _changed(merchant, f"paused {day}", by, at)


def resume(merchant: Merchant, *, by: Person, at: dt.datetime):
    """Open again as usual, from now on. Twice is once."""
    with writing():
        hold(merchant.lock)
        day = business_day(merchant.hours, around(merchant, today(at)), at)
        if _end(merchant, MerchantBreak.times == "", covers(day), at=at):
            _changed(merchant, f"open again {day}", by, at)


def add_break(merchant: Merchant, first: dt.date, last: dt.date, times: str, why: str, *, by: Person, at: dt.datetime):
    """On these days shut (no `times`) or fewer hours; the same again is the same one.

    Raises Unclear, Refused: "break-past", "break-backwards", "break-far", "break-why", "longer".
    """
    said, why = times_words(parse_times(times)) if times else "", " ".join(why.split())
    if first < today(at):
        raise Refused("break-past", N_("That day is over. Choose today or a later one."))
    if last < first:
        raise Refused("break-backwards", N_("It ends before it begins. Please look at the two days."))
    if last > today(at) + FURTHEST:
        raise Refused("break-far", N_("That is more than a year away. Please come back when it is nearer."))
    if len(why) > 120:
        raise Refused("break-why", N_("At most 120 characters, please."))
    with writing():
        hold(merchant.lock)
        now = Merchant.get_by_id(merchant.id)
        days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
        if said and not all(_inside(parse_times(said), times_of(rules_of(now.hours), (), day)) for day in days):
            raise Refused("longer", LONGER)
        told = {"first_on": number_of(first), "last_on": number_of(last), "times": said, "why": why}
        mine = MerchantBreak.select().where(MerchantBreak.merchant == merchant, MerchantBreak.ended_at.is_null())
        near = mine.where(MerchantBreak.first_on <= number_of(last), MerchantBreak.last_on >= number_of(first))
        newest = near.order_by(MerchantBreak.id.desc()).first()
        if newest and all(getattr(newest, name) == value for name, value in told.items()):
            return
        _break(merchant, first, last, said, why, at)
        _changed(merchant, f"break {first} - {last}: {said or '休'}", by, at)


def end_break(one: MerchantBreak, *, by: Person, at: dt.datetime):
    """From now on as usual. Twice is once."""
    with writing():
        hold(one.merchant.lock)
        if _end(one.merchant, MerchantBreak.id == one.id, at=at):
            _changed(one.merchant, f"break {one.first} - {one.last}: as usual", by, at)


def _break(merchant, first, last, times, why, at):
    MerchantBreak.create(
        merchant=merchant, first_on=number_of(first), last_on=number_of(last), times=times, why=why, made_at=at
    )


def _end(merchant: Merchant, *which, at: dt.datetime) -> int:
    mine = MerchantBreak.merchant == merchant, MerchantBreak.ended_at.is_null()
    return MerchantBreak.update(ended_at=at).where(*mine, *which).execute()


def _changed(merchant: Merchant, what: str, by: Person, at: dt.datetime):
    merchant.note(what, by=by, at=at)
    Revision.bump()


# The hours of the week.


def set_hours(merchant: Merchant, text: str, *, by: Person, at: dt.datetime) -> str:
    """Other hours of the week: "kept" at once where they lie within the former ones, else "asked" for.

    The last wish counts; hours that hold already take it back. Raises Unclear.
    """
    rules = rules_of(text)
    written = words(rules)
    if not rules or len(written) > 200:
        raise Unclear("long" if rules else "unread", text[:20])
    with writing():
        hold(merchant.lock)
        now = Merchant.get_by_id(merchant.id)
        wish = wish_of(merchant)
        if wish and wish.hours == written:
            return "asked"
        if wish:
            _settle(wish, "end", "", by, at)
        if written == now.hours:
            return "kept"
        if within(rules, rules_of(now.hours)):
            _put(now, written, by, at)
            return "kept"
        HoursWish.create(merchant=merchant, hours=written, state=ASKED, asked_at=at, asked_by=by)
        now.note(f"hours asked: {now.hours or '?'} → {written}", by=by, at=at)
        return "asked"


def settle(wish: HoursWish, move: str, *, by: Person, at: dt.datetime, why: str = ""):
    """Somebody has looked at longer hours: "approve", "refuse" with why, or "end" by the owner. Twice is once.

    Raises Refused: "why", "moved".
    """
    why = why.strip()[:200]
    if move == "refuse" and not why:
        raise Refused("why", N_("Please say in a few words why."))
    with writing():
        hold(wish.merchant.lock)
        now = HoursWish.get_by_id(wish.id)
        before, after = MOVES[move]
        if now.state == after:
            return
        if now.state not in before:
            raise Refused("moved", N_("Somebody has changed this meanwhile. Please look at it once more."))
        _settle(now, move, why, by, at)
        if move == "approve":
            _put(Merchant.get_by_id(now.merchant_id), now.hours, by, at)


def _settle(wish: HoursWish, move: str, why: str, by: Person, at: dt.datetime):
    wish.state, wish.why, wish.settled_at, wish.settled_by = MOVES[move][1], why, at, by
    wish.save()
    if move != "approve":
        wish.merchant.note(f"hours {wish.state}: {why or wish.hours}", by=by, at=at, kind="moved")


def _put(merchant: Merchant, written: str, by: Person, at: dt.datetime):
    Merchant.update(hours=written).where(Merchant.id == merchant.id).execute()
    _changed(merchant, f"hours {merchant.hours or '?'} → {written}", by, at)


def wish_of(merchant: Merchant) -> HoursWish | None:
    """What the owner asked for and nobody has looked at yet."""
    return HoursWish.get_or_none(HoursWish.merchant == merchant, HoursWish.state == ASKED)


def waiting(towns: list[str] | None):
    """The wishes of these towns (None: of all) that nobody has looked at yet, the oldest first; a query."""
    rows = HoursWish.select(HoursWish, Merchant).join(Merchant).where(HoursWish.state == ASKED)
    rows = rows.where(Merchant.state == LISTED)
    rows = rows.where(Merchant.town.in_(towns)) if towns is not None else rows
    return rows.order_by(HoursWish.asked_at, HoursWish.id)


def within(rules: tuple[Rule, ...], former: tuple[Rule, ...]) -> bool:
    """Do these hours lie within the former ones, on every day of every year?"""
    year = [dt.date(2024, 1, 1) + dt.timedelta(days=n) for n in range(366)]
    seasons = {(season_of(rules, day), season_of(former, day)) for day in year}
    return all(
        _inside(_on(rules, new, weekday), _on(former, old, weekday)) for new, old in seasons for weekday in range(7)
    )


def _on(rules: tuple[Rule, ...], season: tuple[int, int], weekday: int) -> Times:
    return tuple((r.opens, r.closes) for r in rules if (r.first, r.last) == season and r.weekday == weekday)


def _inside(times: Times, former: Times) -> bool:
    """Every stretch of the first in one of the second (those that touch are one)."""
    whole: list[list[int]] = []
    for opens, closes in sorted(former):
        if whole and opens <= whole[-1][1]:
            whole[-1][1] = max(whole[-1][1], closes)
        else:
            whole.append([opens, closes])
    return all(any(a <= opens and closes <= b for a, b in whole) for opens, closes in times if opens < closes)
