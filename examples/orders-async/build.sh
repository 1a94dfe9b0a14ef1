#!/bin/sh
# Builds what the template points to: the C++ worker (.build/worker-cpp/bootstrap) and the packages of the Node functions.
# Says nothing when all is well; quick when nothing changed. Needs a C++20 compiler, cmake, ninja, the -dev packages of
# libpq, libcurl, zlib and Boost.JSON, and npm.
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
  quietly cmake -S functions/worker-cpp -B "$build_directory" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$PWD/.build/worker-cpp" ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"}
fi
quietly ninja -C "$build_directory" bootstrap

# node_modules carries the checksum of the lock file it was made from.
for packages in functions/submit-order functions/worker-node; do
  checksum=$(cat "$packages/package.json" "$packages/package-lock.json" | sha256sum)
  [ "$(cat "$packages/node_modules/.made-from" 2>/dev/null || true)" = "$checksum" ] && continue
  quietly npm --prefix "$packages" ci --omit=dev --ignore-scripts --no-audit --no-fund --no-progress
  printf '%s\n' "$checksum" >"$packages/node_modules/.made-from"
done
