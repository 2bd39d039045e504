"""Invitation links: a role for a place, for whoever opens the link first; and the hand-over of one's own post."""

import datetime as dt
import hashlib
from typing import NamedTuple

from peewee import BigIntegerField, BlobField, BooleanField, CharField

from models import granting
from models._database import hold, writing
from models._record import N_, MomentField, Record, Refused, random_code
from models._trail import Trail
from models.people import Person, RoleGrant
from models.sessions import Session

LIFE = dt.timedelta(days=7)
"""How long a link waits to be used."""

TOKEN = 26
"""Crockford characters of a link: 130 bits."""

KEEPER, TOGETHER = "keeper", 2
"""Two keepers look after a station together, so that it does not hang on one (domain.md §3.4)."""


class Made(NamedTuple):
    """A new invitation and its token, which is known this once."""

    invitation: "Invitation"
    token: str


class Invitation(Record):
    """One link. `made_by` and `used_by` are ids of people, 0 for the operator and for nobody yet.

    With `hand_over` the maker's own role ends at the moment the other takes it on; with `beside` both have it then.
    """

    ref = CharField(max_length=10, unique=True, default=random_code)
    token_hash = BlobField(unique=True)
    role = CharField(max_length=20)
    scope = CharField(max_length=20, default="")
    grant_ends_at = MomentField(null=True)
    hand_over = BooleanField(default=False)
    beside = BooleanField(default=False)
    made_by = BigIntegerField(default=0)
    made_at = MomentField()
    ends_at = MomentField()
    used_by = BigIntegerField(default=0)
    used_at = MomentField(null=True)
    revoked_at = MomentField(null=True)

    @classmethod
    def of(cls, token: str) -> "Invitation | None":
        """The invitation of a link, however it was typed; None for one that we never made."""
        return cls.get_or_none(cls.token_hash == _hash(token)) if len(token) < 100 else None

    @classmethod
    def listed(cls, made_by: Person | None = None):
        """All invitations to new roles, or what one person offered of an own post, the newest first."""
        rows = cls.select().order_by(cls.id.desc())
        if made_by is None:
            return rows.where(cls.hand_over == False, cls.beside == False)  # noqa: E712
        return rows.where(cls.made_by == made_by.id, cls.hand_over | cls.beside)

    def over(self, at: dt.datetime, asked: dict | None = None) -> str:
        """Why it opens nothing any more, as a sentence for the catalogue; '' while it does.

        With `asked`, kept over the rows of a list, each maker is looked up once.
        """
        if self.used_at:
            return N_("This invitation has been used.")
        if self.revoked_at:
            return N_("This invitation was taken back.")
        if self.ends_at <= at:
            return N_("This invitation was good for seven days, and they have passed.")
        if self.grant_ends_at and self.grant_ends_at <= at and not self.hand_over:
            return N_("The time for which this role was meant has passed.")
        asked, needed = {} if asked is None else asked, self._needed
        if needed not in asked:
            asked[needed] = not self.made_by or bool(_held(*needed, at))
        return "" if asked[needed] else N_("Who made this invitation can no longer give this role.")

    @property
    def _needed(self) -> tuple[int, str, str]:
        """What its maker must still hold: the post that is handed over or shared, or the right to give roles."""
        role, scope = (self.role, self.scope) if self.hand_over or self.beside else (granting.ADMINISTRATOR, "")
        return self.made_by, role, scope


def invite(
    role: str,
    scope: str,
    *,
    grant_ends_at: dt.datetime | None,
    by: Person | None,
    at: dt.datetime,
    hand_over=False,
    beside=False,
) -> Made:
    """A new link. Raises Refused("place") or Refused("past")."""
    if not granting.fits(role, scope):
        raise Refused("place", N_("This role is not given for this place."))
    if grant_ends_at is not None and grant_ends_at <= at:
        raise Refused("past", N_("This day has passed. Please choose a later one."))
    token = random_code(TOKEN)
    with writing():
        invitation = Invitation.create(
            token_hash=_hash(token),
            role=role,
            scope=scope,
            grant_ends_at=grant_ends_at,
            hand_over=hand_over,
            beside=beside,
            made_by=by.id if by else 0,
            made_at=at,
            ends_at=at + LIFE,
        )
        _note(invitation, "hand-over offered" if hand_over else "second offered" if beside else "made", by, at)
    return Made(invitation, token)


def hand_over(grant: RoleGrant, *, by: Person, at: dt.datetime) -> Made:
    """A link for one's own post at its place. Who accepts it holds the post, and the giver no longer does.

    Raises Refused("not-yours").
    """
    if not may_be_handed_over(grant) or not _held(by.id, grant.role, grant.scope, at):
        raise Refused("not-yours", N_("You can hand over your own post only."))
    return invite(grant.role, grant.scope, grant_ends_at=grant.ends_at, by=by, at=at, hand_over=True)


def share(grant: RoleGrant, *, by: Person, at: dt.datetime) -> Made:
    """A link for a second keeper beside oneself, with the same end. Raises Refused: "not-yours", "full"."""
    if grant.role != KEEPER or not _held(by.id, grant.role, grant.scope, at):
        raise Refused("not-yours", N_("You can hand over your own post only."))
    if _keepers(grant.scope, at) >= TOGETHER:
        raise Refused("full", N_("Two keepers look after this station already."))
    return invite(grant.role, grant.scope, grant_ends_at=grant.ends_at, by=by, at=at, beside=True)


def may_be_shared(grant: RoleGrant) -> bool:
    """A station is looked after by two."""
    return grant.role == KEEPER and bool(grant.scope)


def may_be_handed_over(grant: RoleGrant) -> bool:
    """A post at a place. Roles for the whole district are given by administrators alone."""
    return bool(grant.scope) and granting.fits(grant.role, grant.scope)


def accept(invitation: Invitation, *, by: Person, at: dt.datetime) -> str | None:
    """The signed-in person takes the role on; answers the new token of their device. By the same person twice is once.

    Raises Refused: "over" (used, taken back, too old, the maker may no longer), "own", or what `granting.give` says.
    """
    with writing():
        hold(_key(invitation), by.id, invitation.made_by, granting.ADMINISTRATORS)
        invitation = Invitation.get_by_id(invitation.id)
        if invitation.used_by == by.id:
            return None
        if reason := invitation.over(at):
            raise Refused("over", reason)
        if invitation.made_by == by.id:
            raise Refused("own", N_("This invitation is for somebody else: please pass it on."))
        if invitation.beside and _keepers(invitation.scope, at) >= TOGETHER:
            raise Refused("full", N_("Two keepers look after this station already."))
        maker = Person.get_or_none(Person.id == invitation.made_by)
        granting.give(by, invitation.role, invitation.scope, ends_at=_end(invitation, by, at), by=maker, at=at)
        if invitation.hand_over and (theirs := _held(invitation.made_by, invitation.role, invitation.scope, at)):
            granting.take(theirs, by=maker, at=at)
        invitation.used_by, invitation.used_at = by.id, at
        invitation.save()
        _note(invitation, f"used by person:{by.ref}", by, at)
        return Session.renew(by, at=at)


def revoke(invitation: Invitation, *, by: Person, at: dt.datetime):
    """Take a link back before it is used. Twice is once. Raises Refused("used")."""
    with writing():
        hold(_key(invitation))
        invitation = Invitation.get_by_id(invitation.id)
        if invitation.revoked_at:
            return
        if invitation.used_at:
            raise Refused("used", N_("This invitation has been used. The role itself can be taken back."))
        invitation.revoked_at = at
        invitation.save()
        _note(invitation, "taken back", by, at)


def _keepers(station: str, at: dt.datetime) -> int:
    return RoleGrant.select().where(RoleGrant.role == KEEPER, RoleGrant.scope == station, RoleGrant.alive(at)).count()


def _held(person: int, role: str, scope: str, at: dt.datetime) -> RoleGrant | None:
    return RoleGrant.get_or_none(
        RoleGrant.person == person, RoleGrant.role == role, RoleGrant.scope == scope, RoleGrant.alive(at)
    )


def _end(invitation: Invitation, person: Person, at: dt.datetime) -> dt.datetime | None:
    """Until when the role will be held: an invitation never shortens what somebody holds.

    A post goes over with the end that it has by now.
    """
    meant = invitation.grant_ends_at
    if invitation.hand_over and (theirs := _held(invitation.made_by, invitation.role, invitation.scope, at)):
        meant = theirs.ends_at
    before = _held(person.id, invitation.role, invitation.scope, at)
    if before is None or meant is None:
        return meant
    return before.ends_at and max(before.ends_at, meant)


def _key(invitation: Invitation) -> int:
    return int.from_bytes(bytes(invitation.token_hash)[:8], signed=True)


def _hash(token: str) -> bytes:
    plain = token.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()


def _note(invitation: Invitation, what: str, by: Person | None, at: dt.datetime):
    told = f"{what}: {invitation.role} {invitation.scope}".strip()
    Trail.note("changed", by=by, subject=f"invitation:{invitation.ref}", what=told, at=at)
