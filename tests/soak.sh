#!/usr/bin/env bash
# The slow tests: many seeds of the simulator, and the crash tests over and over. tests/soak.sh [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-10}
build/dev/surgetank-sim --seed 1000 --seeds 1000 --steps 2000 >build/dev/soak-sim.out
tail -1 build/dev/soak-sim.out
for round in $(seq "$rounds"); do
  echo "round $round of $rounds"
  ctest --test-dir build/dev -C soak --output-on-failure -R 'crash|kill|durability' -j 2
done
echo "two SDKs on one queue for two minutes"
SURGETANK_SOAK_SECONDS=120 tests/e2e/run.sh -k Accounting
