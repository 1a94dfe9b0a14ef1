#!/usr/bin/env bash
# The end-to-end tests: the real binary, driven by boto3, the AWS SDK for JavaScript and the AWS CLI. Arguments go to unittest, as in
#   tests/e2e/run.sh -v -k Durability
# The Python is Debian's: it is the one that has python3-boto3 and python3-psycopg2.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
exec /usr/bin/python3 -B -W ignore::ResourceWarning -m unittest discover -s "$here" -p '*_test.py' "$@"
