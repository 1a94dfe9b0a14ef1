#!/usr/bin/env bash
# What `./dev run` shows: the example application deployed, checked, put under a burst of requests, and where the time went.
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${SURGETANK_BINARY:-build/release/surgetank}
requests=${1:-200}
at_once=${2:-8}
data=$(mktemp -d)
log=$data/up.log

finish() {
  if [ -n "${server:-}" ] && kill -0 "$server" 2>/dev/null; then
    kill -INT "$server"
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$data"
}
trap finish EXIT

"$binary" up examples/orders/template.yaml --data "$data/store" --listen 127.0.0.1:0 --no-watch >"$log" 2>&1 &
server=$!
for _ in $(seq 600); do
  grep -q '^Ready\.' "$log" && break
  kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
  sleep 0.1
done
sed -n '1,/^Ready\./p' "$log"

url=$(sed -n 's/^ *ApiUrl *//p' "$log")
port=${url##*:}
id=${url#http://}
id=${id%%.*}
base=http://127.0.0.1:$port/_surgetank/execute-api/$id
examples/orders/smoke.sh "$base"

echo
echo "$requests requests, $at_once at once: POST /orders, GET /orders/{id}, GET /orders in turn"
order=$(curl -fsS -XPOST "$base/orders" -H 'content-type: application/json' \
  -d '{"customer":"burst","items":[{"sku":"a","quantity":1,"unit_price_cents":100}]}' | sed 's/.*"id":"\([^"]*\)".*/\1/')
one_request() {
  case $(($1 % 3)) in
    0) curl -s -m 60 -o /dev/null -w '%{http_code} %{time_total}\n' -XPOST "$base/orders" -H 'content-type: application/json' \
      -d '{"customer":"burst","items":[{"sku":"a","quantity":1,"unit_price_cents":100}]}' ;;
    1) curl -s -m 60 -o /dev/null -w '%{http_code} %{time_total}\n' "$base/orders/$order" ;;
    2) curl -s -m 60 -o /dev/null -w '%{http_code} %{time_total}\n' "$base/orders?limit=5" ;;
  esac
}
export -f one_request
export base order
seq "$requests" | xargs -P "$at_once" -I{} bash -c 'one_request {}' >"$data/results"
sort -n -k2 "$data/results" | awk '{ status[$1]++; time[NR] = $2 * 1000 }
  END { for (s in status) printf "  status %s: %d\n", s, status[s]
        printf "  p50 %.0f ms, p99 %.0f ms\n", time[int(NR * 0.5 + 0.5)], time[int(NR * 0.99 + 0.5)] }'
awk '$1 >= 500 { failed = 1 } END { exit failed }' "$data/results" || { echo "some requests failed" >&2; tail -20 "$log" >&2; exit 1; }

echo
echo "one request:"
"$binary" --data "$data/store" traces --last 1
echo "where the time went:"
"$binary" --data "$data/store" traces --last "$requests" --summary
