#!/usr/bin/env bash
# bench/run.sh [NAME [ARGS]]: one benchmark, or all of them in turn. See README.md for what they measure and what came out.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}

# The engine alone, and its ceiling: the same function processes on a loop that knows nothing.
engine() {
  local environments=${1:-8}
  local seconds=${2:-3}
  "$build/bench/engine_bench" "$environments" "$seconds" bare
  "$build/bench/engine_bench" "$environments" "$seconds" pipelined
}

run() {
  local name=$1
  shift
  echo "== $name"
  case $name in
    invoke) python3 bench/invoke_bench.py "$build" "$@" ;;
    sqs) python3 bench/sqs_bench.py "$build" "$@" ;;
    start) python3 bench/start_bench.py "$build" "$@" ;;
    drain) /usr/bin/python3 bench/drain_bench.py "$build" "$@" ;;
    prediction) "$build/bench/prediction_speed_bench" && /usr/bin/python3 bench/prediction_bench.py "$build/surgetank" "$@" ;;
    cold) python3 bench/cold_bench.py "$build" "$@" ;;
    load) python3 bench/load_bench.py "$build" "$@" ;;
    http) python3 bench/http_bench.py "$build/bench/http_bench_server" "$@" ;;
    store) "$build/bench/store_bench" "$@" ;;
    front_door) "$build/bench/front_door_bench" "$@" ;;
    engine) engine "$@" ;;
    *) echo "there is no benchmark $name: invoke, start, cold, http, store, front_door, engine, sqs, drain, prediction, load" >&2; exit 2 ;;
  esac
}

if [ $# -gt 0 ]; then
  run "$@"
else
  for name in start cold invoke http store front_door engine sqs drain load; do run "$name"; done
fi
