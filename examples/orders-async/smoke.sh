#!/bin/sh
# Orders something, waits until it is stored, and checks every answer: smoke.sh http://....execute-api.localhost:4566
# Ends with status 0 and "ok", or says what was wrong. Needs curl and python3.
set -eu
url=${1:?"usage: smoke.sh API_URL"}
url=${url%/}
answer=$(mktemp)
body=$(mktemp)
trap 'rm -f "$answer" "$body"' EXIT

fail() {
  echo "smoke.sh: $*" >&2
  echo "the last answer was: $(head -c 1000 "$answer")" >&2
  exit 1
}

# request METHOD PATH EXPECTED_STATUS [BODY]: leaves the body of the answer in $answer.
request() {
  status=$(curl --silent --show-error --max-time 60 --request "$1" --header 'content-type: application/json' \
    ${4:+--data "$4"} --output "$answer" --write-out '%{http_code}' "$url$2") || fail "$1 $2: curl failed"
  [ "$status" = "$3" ] || fail "$1 $2 was answered with $status instead of $3"
}

# member KEY...: the value at this path of keys and indexes in the JSON of the last answer.
member() {
  python3 -c '
import json, sys
value = json.load(open(sys.argv[1], encoding="utf-8"))
for key in sys.argv[2:]:
    value = value[int(key)] if isinstance(value, list) else value[key]
print(value)' "$answer" "$@" || fail "there is no $*"
}

# expect WANTED KEY...
expect() {
  wanted=$1
  shift
  found=$(member "$@")
  [ "$found" = "$wanted" ] || fail "$* is \"$found\" instead of \"$wanted\""
}

# wait_until_placed ID
wait_until_placed() {
  for _ in $(seq 300); do
    request GET "/orders/$1" 200
    [ "$(member status)" = placed ] && return
    sleep 0.2
  done
  fail "the order $1 is not stored after a minute"
}

items='[{"sku":"tea","quantity":2,"unit_price_cents":350},{"sku":"cup","quantity":1,"unit_price_cents":900}]'
request POST /orders 202 "{\"customer\":\"Ada\",\"items\":$items}"
expect queued status
id=$(member id)
wait_until_placed "$id"
expect "$id" id
expect Ada customer
expect cup items 1 sku
expect 1600 amount_cents

# An order of more than 64 KB, which travels compressed.
python3 -c '
import json
items = [{"sku": f"article-number-{i:06}-of-a-large-order", "quantity": 1, "unit_price_cents": i} for i in range(2000)]
print(json.dumps({"customer": "Grace", "items": items}))' >"$body"
request POST /orders 202 "@$body"
large=$(member id)
wait_until_placed "$large"
expect Grace customer
expect 1999000 amount_cents
expect article-number-001999-of-a-large-order items 1999 sku

request POST /orders 400 '{"customer":"Ada","items":[]}'
request POST /orders 400 'this is not JSON'
request GET /orders/42 400
request GET /orders/00000000-0000-4000-8000-000000000000 404

echo ok
