"""The reception desk: find, ask, act, show. One module is one area."""

from views import (
    account,
    dashboard,
    desk,
    entry,
    home,
    invitations,
    people,
    proof,
    roles,
    second,
    shell,
    stations,
    trail,
    visits,
)

AREAS = (
    home,
    stations,
    visits,
    entry,
    people,
    account,
    roles,
    invitations,
    proof,
    second,
    desk,
    dashboard,
    trail,
    shell,
)
