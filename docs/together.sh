#!/bin/sh
# The web server (the command given) and the worker beside it, under one parent. Told to end, or when the server has
# ended, both end; the exit status is the server's. A worker that dies is started again after a second.
beat() {
  trap 'kill "$worker"; wait "$worker"; exit' TERM
  while :; do
    flask --app app work &
    worker=$!
    wait "$worker" && exit
    sleep 1
  done
}
beat &
beat=$!
"$@" &
server=$!
trap 'kill "$server"' INT TERM HUP
wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do # a signal ends `wait` early; the server may still be finishing
  wait "$server"
  status=$?
done
kill "$beat" 2>/dev/null
wait "$beat"
exit "$status"
