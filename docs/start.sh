#!/bin/sh
# What a container starts: the command it is given, else: bring the schema up, serve and work. HOST and WORKERS may be
# set.
set -e
[ $# -gt 0 ] && exec "$@"
flask db upgrade
[ "$NUANYI_DEMO" = "1" ] && flask demo load --if-empty
exec sh docs/together.sh granian --interface wsgi --factory --host "${HOST:-0.0.0.0}" --port "${PORT:-8000}" --workers "${WORKERS:-2}" \
  --blocking-threads 8 --no-ws --respawn-failed-workers --respawn-interval 0.5 --workers-kill-timeout 15 app:serve
