#!/usr/bin/env bash
# What `./dev run` shows: the example application as teams start it, and cured, one after the other: deployed, checked, put under the
# same burst of orders; where the time of a request went; and at the end both in one table.
#   run_example.sh [REQUESTS [AT_ONCE]]
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${SURGETANK_BINARY:-build/release/surgetank}
requests=${1:-200}
at_once=${2:-8}
data=$(mktemp -d)

stop() {
  local pid=$1
  if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
    kill "-$2" "$pid"
    wait "$pid" 2>/dev/null || true
  fi
}
finish() {
  stop "${watcher:-}" TERM
  stop "${server:-}" INT
  rm -rf "$data"
}
trap finish EXIT

order='{"customer":"burst","items":[{"sku":"a","quantity":1,"unit_price_cents":100}]}'
one_order() { curl -s -m 60 -o "$answers/$1" -w '%{http_code} %{time_total}\n' -XPOST "$base/orders" -H 'content-type: application/json' -d "$order"; }
export -f one_order
export order

# Every order that was accepted is stored: the queue has been drained.
wait_until_stored() {
  local file id
  for file in "$answers"/*; do
    id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$file")
    [ -n "$id" ] || continue
    for _ in $(seq 600); do
      curl -s -m 60 "$base/orders/$id" | grep -q '"placed"' && continue 2
      sleep 0.1
    done
    echo "order $id was accepted and is not stored" >&2
    return 1
  done
}

# show DESIGN DIRECTORY
show() {
  local design=$1 directory=$2 log=$data/$1.log store=$data/$1
  echo
  echo "=== $design ($directory)"
  "$binary" up "$directory/template.yaml" --data "$store" --listen 127.0.0.1:0 --no-watch >"$log" 2>&1 &
  server=$!
  for _ in $(seq 600); do
    grep -q '^Ready\.' "$log" && break
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.1
  done
  sed -n '1,/^Ready\./p' "$log"

  local url id database since
  url=$(sed -n 's/^ *ApiUrl *//p' "$log")
  id=${url#http://}
  database=$(sed -n 's/^ *DatabaseAddress *.*://p' "$log")
  base=http://127.0.0.1:${url##*:}/_surgetank/execute-api/${id%%.*}
  answers=$data/$design.answers
  export base answers
  mkdir "$answers"
  "$directory/smoke.sh" "$base"

  echo
  echo "$requests times POST /orders, $at_once at once"
  python3 tools/example_numbers.py watch "$database" "$data/$design.peak" &
  watcher=$!
  since=$(date +%s%6N)
  seq "$requests" | xargs -P "$at_once" -I{} bash -c 'one_order {}' >"$data/$design.results"
  [ "$design" = orders ] || wait_until_stored
  stop "$watcher" TERM
  "$binary" --data "$store" traces --last 2000 --all --json \
    | python3 tools/example_numbers.py collect "$data/$design.results" "$data/$design.peak" "$since" >"$data/$design.rows"

  echo
  echo "one request:"
  "$binary" --data "$store" traces --last 1
  echo "where the time went:"
  "$binary" --data "$store" traces --last "$requests" --summary
  stop "$server" INT
  server=
}

show orders examples/orders
show orders-async examples/orders-async

echo
echo "=== both, under $requests orders, $at_once at once"
python3 tools/example_numbers.py table orders "$data/orders.rows" orders-async "$data/orders-async.rows"
for design in orders orders-async; do
  awk '$1 < 200 || $1 >= 300 { failed = 1 } END { exit failed }' "$data/$design.results" || { echo "some requests failed" >&2; tail -20 "$data/$design.log" >&2; exit 1; }
done
