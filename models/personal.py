"""What the columns of every table are about: told to the person, kept secret, or about no one (PIPL 45).

A column that has no class fails a test, so nobody can add one without saying what it is.
"""

from typing import NamedTuple

from models import (  # noqa: F401 (so that their tables are known)
    card_once,
    days,
    doubts,
    faults,
    inspections,
    kiosks,
    odd_uses,
    redemptions,
    rooms,
    supplies,
    tally,
    tills,
    voices,
)
from models._keys import Locked
from models._record import Record, from_ms


class About(NamedTuple):
    """A table of rows about a person: the column that says who, the columns that are theirs to see and those that are
    about them and can be shown to nobody (hashes, keys, what only the machine reads)."""

    owner: str
    personal: tuple[str, ...]
    secret: tuple[str, ...] = ()


ABOUT = {
    "person": About(
        "id",
        ("ref", "name", "phone_sealed", "state", "created_at"),
        ("uid", "phone_index", "phone_last4", "password_hash"),
    ),
    "employment": About(
        "person_id",
        (
            "industry",
            "sub_kind",
            "starts_at",
            "ends_at",
            "relation",
            "employ_type",
            "enterprise",
            "outlet",
            "town",
        ),
    ),
    "consent": About("person_id", ("purpose", "version", "channel", "given_at", "withdrawn_at")),
    "role_grant": About("person_id", ("role", "scope", "ends_at", "given_at"), ("given_by",)),
    "second_factor": About("person_id", ("confirmed_at",), ("uid", "secret_sealed", "last_step")),
    "recovery_code": About("person_id", ("used_at",), ("code_hash",)),
    "invitation": About(
        "used_by",
        ("role", "scope", "grant_ends_at", "used_at"),
        ("ref", "token_hash", "hand_over", "beside", "made_by", "made_at", "ends_at", "revoked_at"),
    ),
    "session": About(
        "person_id",
        ("device", "started_at", "last_seen_at", "ends_at"),
        ("token_hash", "idle", "proved_at", "second", "before_hash", "renewed_at"),
    ),
    "visit": About("actor", ("station", "at", "local_date", "n", "channel", "evidence", "lag"), ("client_id",)),
    "noted": About("by_id", ("why", "at"), ("visit_id",)),
    "station_day": About("by_id", ("station_id", "local_date", "state", "confirmed_at")),
    "fault": About(
        "ended_by",
        ("station_id", "what", "ended_at"),
        ("n", "broken", "opened_at", "last_at", "due_at"),
    ),
    "booking": About("person_id", ("room", "from_at", "to_at", "purpose", "made_at", "ended_at"), ("ref", "client_id")),
    "agreed": About("actor", ("station_id", "at")),
    "free_now": About("actor", ("station_id", "what", "level", "at")),
    "doubt": About("settled_by", ("settled_at",), ("fine", "at")),
    "frequent": About("settled_by", ("settled_at",), ("card", "merchant", "n", "last_at", "found_at")),
    "card": About(
        "person_id",
        ("ref", "number", "state", "town", "asked_at", "active_at", "valid_to", "moved_at", "uses", "saved"),
        ("issued_by", "station_id", "replaced_by"),
    ),
    "redemption": About(
        "person",
        ("merchant", "offer", "method", "at", "local_date", "n", "amount", "saved"),
        ("card", "card_key", "step", "client_id", "actor", "lag", "flag", "reverses"),
    ),
    "refusal": About("person", ("merchant", "at", "reason", "method"), ("actor", "card", "client_id", "before")),
    "merchant": About(
        "applicant_id",
        (
            *("ref", "code", "name", "name_en", "category", "town", "address", "address_en", "lat", "lng", "phone"),
            *(
                "uscc",
                "hours",
                "state",
                "contact",
                "contact_phone_sealed",
                "applied_at",
                "approved_at",
                "left_at",
                "why",
            ),
        ),
        ("uid", "client_id", "coord_src", "sought", "reviewed_on", "pin_hash"),
    ),
    "hours_wish": About("asked_by", ("merchant_id", "hours", "state", "asked_at", "why"), ("settled_at", "settled_by")),
    "offer": About(
        "asked_by",
        ("merchant_id", "kind", "value", "what", "what_en", "asked_at", "state", "why"),
        (
            *("least", "times", "daily", "alone", "service_day", "first_on", "last_on", "replaces_id", "client_id"),
            *("settled_at", "settled_by"),
        ),
    ),
    "till": About(
        "made_by",
        ("ref", "merchant_id", "name", "made_at", "ended_at"),
        ("token_hash", "link_hash", "link_ends_at", "device", "pin_at", "seen_at"),
    ),
    "kiosk": About(
        "made_by",
        ("station_id", "name", "made_at", "ended_at"),
        ("code", "device_id", "link_hash", "link_ends_at", "public", "kid", "seen_at"),
    ),
    "fault_report": About("actor", ("fault_id", "at")),
    "loan": About("by_id", ("station_id", "number", "lent_at", "returned_at"), ("hint",)),
    "inspection": About("by_id", ("station_id", "month", "at", "score", "failed", "note")),
    "request": About("actor", ("at",), ("client_id", "route", "digest", "location")),
    "known_device": About("person_id", ("at",), ("device",)),
    "import_batch": About(
        "made_by",
        ("ref", "kind", "name", "state", "made_at", "applied_at", "undone_at"),
        ("header", "ignored", "n_new", "n_changed", "n_same", "n_wrong"),
    ),
    "farewell": About("person_id", ("closed_at",), ("uid", "kept_sealed", "phone_index")),
}
"""The tables that hold something about somebody."""

NO_ONE = [
    "setting",
    "revision",
    "town",
    "grid",
    "unit",
    "unit_duty",
    "category",
    "merchant_break",
    "card_key",
    "card_once",
    "redemption_day",
    "redemption_month",
    "enterprise",
    "outlet",
    "amenity_group",
    "station_unit",
    "kind",
    "brand",
    "amenity",
    "station",
    "station_amenity",
    "poster_token",
    "hours_rule",
    "hours_exception",
    "opening",
    "visit_hour",
    "visit_month",
    "month_count",
    "month_figure",
    "month_share",
    "supply",
    "burst",
    "room",
    "counter",
    "looked_at",
    "import_row",
    "trail",
    "job",
    "seal",
    "seal_check",
    "key_check",
    "rotation",
]
"""The tables that are about things and totals. The trail names people only by reference, and is shown as such."""


PASSING = ["sms_code", "outbox", "attempt"]
"""What is kept of a number, a device or an address for minutes or days, by keyed hash or sealed, of no known person."""


def told(person) -> dict[str, list[dict]]:
    """Everything about a person by table, as text, numbers and ISO 8601 moments: what the download holds."""
    records = {record._meta.table_name: record for record in Record.__subclasses__()}
    return {table: _rows(records[table], about, person) for table, about in ABOUT.items()}


def _rows(record, about, person) -> list[dict]:
    columns = record._meta.columns
    rows = record.select().where(columns[about.owner] == person.id).order_by(*record._meta.get_primary_keys())
    return [{_name(column): _value(row, column) for column in about.personal} for row in rows]


def _name(column: str) -> str:
    return column.removesuffix("_sealed")


def _value(row, column):
    if column.endswith("_sealed"):
        try:
            return getattr(row, _name(column))
        except Locked:
            return None
    field = row._meta.columns[column]
    value = getattr(row, field.object_id_name if hasattr(field, "object_id_name") else field.name)
    if type(field).__name__ == "MomentField" and value is not None:
        return (value if not isinstance(value, int) else from_ms(value)).isoformat()
    return value
