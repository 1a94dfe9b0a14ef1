#!/usr/bin/env bash
# tests/fuzz/run.sh [SECONDS]: every fuzz target for so long (default 60), one after the other; stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
for target in build/fuzz/tests/fuzz/*_fuzz; do
  name=$(basename "$target")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=tests/fuzz/corpus/$name
  echo "== $name"
  "$target" -max_total_time="$seconds" -max_len=4096 -verbosity=0 "$corpus" $([ -d "$seeds" ] && echo "$seeds")
done
