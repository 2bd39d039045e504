"""The reception desk: find, ask, act, show. One module is one area."""

from views import dashboard, desk, home, people, shell, stations, visits

AREAS = (home, stations, visits, people, desk, dashboard, shell)
