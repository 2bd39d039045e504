"""Invitation links: made by an administrator for a role, or by a keeper who hands the post over; and what they open."""

from flask import Blueprint, abort, g, request, url_for
from flask_babel import gettext as _

from models import granting, invitations
from models._record import Page, Refused
from models.invitations import Invitation
from models.people import Person, RoleGrant
from views._access import anyone, may, own_origin, signed_in, signed_in_fresh, with_token
from views._answer import changed, invalid, page, page_number
from views._granting import GrantForm, last_day, places
from views._qr import qr_path

area = Blueprint("invitations", __name__)


# An administrator's.


@area.get("/roles/invitations")
@may("give and take roles")
def index():
    return page("invitations/index.html", form=GrantForm(), **_list())


@area.post("/roles/invitations")
@may("give and take roles", fresh=True)
def make():
    form = GrantForm(request.form)
    if form.validate():
        try:
            made = invitations.invite(form.role.data, form.scope, grant_ends_at=form.ends_at, by=g.viewer, at=g.now)
            return _shown_once(made, back=url_for("invitations.index"))
        except Refused as no:
            form.refused(no)
    return invalid("invitations/index.html", form=form, **_list())


@area.post("/roles/invitations/<ref>/revocation")
@may("give and take roles")
def revoke(ref):
    invitations.revoke(_invitation(ref, None), by=g.viewer, at=g.now)
    return changed(url_for("invitations.index"))


# Handing one's own post over.


@area.get("/me/handover")
@signed_in
def posts():
    mine = _posts()
    rows = Page(Invitation.listed(g.viewer), page_number())
    return page("invitations/posts.html", posts=mine, rows=rows, **_words([*mine, *rows.rows]))


@area.post("/me/handover")
@signed_in_fresh
def hand_over():
    """A link for the post `role scope`; one that is not mine is not there."""
    wanted = request.form.get("post", "")
    mine = next((post for post in _posts() if f"{post.role} {post.scope}" == wanted), None)
    if mine is None:
        abort(404)
    offer = invitations.share if "beside" in request.form else invitations.hand_over
    return _shown_once(offer(mine, by=g.viewer, at=g.now), back=url_for("invitations.posts"))


@area.post("/me/handover/<ref>/revocation")
@signed_in
def revoke_hand_over(ref):
    invitations.revoke(_invitation(ref, g.viewer), by=g.viewer, at=g.now)
    return changed(url_for("invitations.posts"))


# What the link opens.


@area.get("/invited/<token>")
@anyone
def show(token):
    """What it is and from whom. Looking at it changes nothing: apps that look at links first do no harm."""
    invitation = _by_link(token)
    over = invitation.over(g.now)
    maker = Person.get_or_none(Person.id == invitation.made_by)
    mine = bool(g.viewer and invitation.used_by == g.viewer.id)
    words = _words([invitation])
    status = 410 if over and not mine else 200
    return page(
        "invitations/show.html", status, invitation=invitation, token=token, over=over, maker=maker, mine=mine, **words
    )


@area.post("/invited/<token>")
@signed_in
def accept(token):
    renewed = invitations.accept(_by_link(token), by=g.viewer, at=g.now)
    answer = changed(url_for("people.me"))
    return with_token(answer, renewed) if renewed else answer


def _by_link(token: str) -> Invitation:
    invitation = Invitation.of(token)
    if invitation is None:
        abort(404, description=_("We do not know this invitation. Please ask for the link once more."))
    return invitation


def _invitation(ref: str, made_by: Person | None) -> Invitation:
    """An invitation to a role, or with `made_by` a hand-over of theirs; 404 for another's."""
    return (ref.isalnum() and Invitation.listed(made_by).where(Invitation.ref == ref[:20]).first()) or abort(404)


def _posts() -> list[RoleGrant]:
    """The posts of mine that can be handed over."""
    return [grant for grant in granting.held(g.viewer, at=g.now) if invitations.may_be_handed_over(grant)]


def _list() -> dict:
    rows = Page(Invitation.listed(), page_number())
    known = {id for row in rows.rows for id in (row.made_by, row.used_by)} - {0}
    people = Person.select(Person.id, Person.name).where(Person.id.in_(known)) if known else ()
    return {"rows": rows, "names": {person.id: person.masked for person in people}, **_words(rows.rows)}


def _words(things) -> dict:
    return {"places": places({thing.scope for thing in things}), "last_day": last_day}


def _shown_once(made: invitations.Made, *, back: str):
    """The link, as text and as a code for the other's camera. It cannot be shown again: we keep only its hash."""
    link = own_origin() + url_for("invitations.show", token=made.token)
    invitation = made.invitation
    return page(
        "invitations/made.html",
        201,
        link=link,
        qr=qr_path(link),
        invitation=invitation,
        back=back,
        **_words([invitation]),
    )
