#!/usr/bin/env bash
# bench/run.sh [NAME [ARGS]]: one benchmark, or all of them in turn. See README.md for what they measure and what came out.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build/release}

run() {
  local name=$1
  shift
  echo "== $name"
  case $name in
    invoke) python3 bench/invoke_bench.py "$build" "$@" ;;
    start) python3 bench/start_bench.py "$build" "$@" ;;
    cold) python3 bench/cold_bench.py "$build" "$@" ;;
    http) python3 bench/http_bench.py "$build/http_bench_server" "$@" ;;
    store) "$build/store_bench" "$@" ;;
    front_door) "$build/front_door_bench" "$@" ;;
    *) echo "there is no benchmark $name: invoke, start, cold, http, store, front_door" >&2; exit 2 ;;
  esac
}

if [ $# -gt 0 ]; then
  run "$@"
else
  for name in start cold invoke http store front_door; do run "$name"; done
fi
