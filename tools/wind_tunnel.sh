#!/usr/bin/env bash
# The last part of what `./dev run` shows: the orders application under one load, first as teams start it, then with each cure alone, then
# with all of them, under the quotas and latencies of AWS. One table, one report with pictures, what the advisor says of the first and of
# the last, and what the planner says of both when the load grows a hundredfold.
#   wind_tunnel.sh [SECONDS [RATE]]
set -euo pipefail
cd "$(dirname "$0")/.."

binary=${SURGETANK_BINARY:-build/release/surgetank}
seconds=${1:-12}
rate=${2:-25}
application=examples/orders-cures
out=${WIND_TUNNEL_OUT:-build/wind-tunnel}
data=$(mktemp -d)
mkdir -p "$out"

stop() {
  if [ -n "${server:-}" ] && kill -0 "$server" 2>/dev/null; then
    kill -INT "$server"
    wait "$server" 2>/dev/null || true
  fi
  server=
}
finish() {
  stop
  rm -rf "$data"
}
trap finish EXIT

# One order in twenty is larger than the 64 KB that a queue charges as one request.
python3 - "$seconds" "$rate" >"$data/load.yaml" <<'PY'
import json, sys
seconds, rate = sys.argv[1:]
def order(items):
    return json.dumps({"customer": "{{pick Ada Grace Barbara Edsger}}",
                       "items": [{"sku": f"article-{i:05}-of-a-catalogue", "quantity": 1, "unit_price_cents": 100} for i in range(items)]})
def request(name, weight, items):
    return {"name": name, "weight": weight, "http": "POST ${ApiUrl}/orders", "headers": {"content-type": "application/json"},
            "body": order(items), "timeout": "30s"}
print(json.dumps({"requests": [request("order", 19, 2), request("large order", 1, 1500)],
                  "traffic": {"phases": [f"{seconds}s@{rate}"], "seed": 1}, "follow": "60s"}))
PY

# measure NAME [PARAMETER=VALUE...]
measure() {
  local name=$1 slug log
  shift
  slug=$(tr -c 'a-z0-9\n' '-' <<<"$name")
  log=$data/$slug.log
  local parameters=()
  for parameter in "$@"; do parameters+=(-p "$parameter"); done
  "$binary" up "$application/template.yaml" --data "$data/$slug" --listen 127.0.0.1:0 --no-watch --quotas aws --latency aws "${parameters[@]}" >"$log" 2>&1 &
  server=$!
  for _ in $(seq 600); do
    grep -q '^Ready\.' "$log" && break
    kill -0 "$server" 2>/dev/null || { cat "$log" >&2; exit 1; }
    sleep 0.1
  done
  grep -q '^Ready\.' "$log" || { tail -20 "$log" >&2; echo "$name was not ready within a minute" >&2; exit 1; }
  printf '  %-18s %s requests/s for %s s ...\n' "$name" "$rate" "$seconds"
  "$binary" --data "$data/$slug" load "$data/load.yaml" --json "$out/$slug.load.json" --html "$out/$slug.load.html" >"$data/$slug.load.log" 2>&1 \
    || { cat "$data/$slug.load.log" >&2; exit 1; }
  "$binary" --data "$data/$slug" record -o "$out/$slug.recording.json" --last 20000 >/dev/null
  stop
  runs+=("$name=$out/$slug.load.json,$out/$slug.recording.json")
}

echo "=== the wind tunnel: each cure under the same load, with AWS's quotas and latencies"
runs=()
measure "baseline"
measure "reuse" ReuseConnection=on
measure "secret cache" CacheSecret=on
measure "metrics in logs" EmbedMetrics=on
measure "queue" Queue=on
measure "queue, batches" Queue=on Batch=on
measure "queue, gzip" Queue=on Compress=on
measure "all together" ReuseConnection=on CacheSecret=on EmbedMetrics=on Queue=on Batch=on Compress=on

echo
"$binary" compare "${runs[@]}" --title "Orders: each cure under the same load" --html "$out/report.html"
echo
echo "=== what the advisor says of the baseline"
"$binary" advise --recording "$out/baseline.recording.json" --html "$out/advice.html"
echo
echo "=== and with all cures"
"$binary" advise --recording "$out/all-together.recording.json"
for slug in baseline all-together; do
  echo
  echo "=== what the planner expects of $slug on AWS when the load grows a hundredfold within a minute"
  "$binary" simulate "$out/$slug.recording.json" --phase "60s@$rate..$((rate * 100))" --seed 1
done
echo
echo "reports: $out/report.html, $out/advice.html, $out/*.load.html"
