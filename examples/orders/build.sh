#!/bin/sh
# Builds what the template points to: the C++ function (.build/list-orders/bootstrap) and the packages of the Node function.
# Says nothing when all is well; quick when nothing changed. Needs a C++20 compiler, cmake, ninja, the -dev packages of
# libpq, libcurl and Boost.JSON, and npm.
set -eu
cd "$(dirname "$0")"
mkdir -p .build
exec 9>.build/lock
flock 9  # two builds at once take turns

# Runs a command and shows what it said only if it fails.
quietly() {
  "$@" >.build/log 2>&1 || {
    status=$?
    cat .build/log >&2
    echo "failed: $*" >&2
    exit "$status"
  }
}

build_directory=.build/cmake
if [ ! -f "$build_directory/build.ninja" ]; then
  launcher=$(command -v ccache || true)
  quietly cmake -S functions/list-orders -B "$build_directory" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$PWD/.build/list-orders" ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"}
fi
quietly ninja -C "$build_directory" bootstrap

# node_modules carries the checksum of the lock file it was made from.
packages=functions/create-order
checksum=$(cat "$packages/package.json" "$packages/package-lock.json" | sha256sum)
if [ "$(cat "$packages/node_modules/.made-from" 2>/dev/null || true)" != "$checksum" ]; then
  quietly npm --prefix "$packages" ci --omit=dev --ignore-scripts --no-audit --no-fund --no-progress
  printf '%s\n' "$checksum" >"$packages/node_modules/.made-from"
fi
