#!/bin/sh
# Fetches the packages of the Node functions. Says nothing when all is well; quick when nothing changed. Needs npm.
set -eu
cd "$(dirname "$0")"
mkdir -p .build
exec 9>.build/lock
flock 9  # two builds at once take turns

# node_modules carries the checksum of the lock file it was made from.
packages=functions/orders
checksum=$(cat "$packages/package.json" "$packages/package-lock.json" | sha256sum)
[ "$(cat "$packages/node_modules/.made-from" 2>/dev/null || true)" = "$checksum" ] && exit 0
npm --prefix "$packages" ci --omit=dev --ignore-scripts --no-audit --no-fund --no-progress >.build/log 2>&1 || {
  status=$?
  cat .build/log >&2
  exit "$status"
}
printf '%s\n' "$checksum" >"$packages/node_modules/.made-from"
