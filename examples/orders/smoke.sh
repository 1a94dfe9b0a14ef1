#!/bin/sh
# Orders something, reads it back, lists the orders, and checks every answer: smoke.sh http://....execute-api.localhost:4566
# Ends with status 0 and "ok", or says what was wrong. Needs curl and python3.
set -eu
url=${1:?"usage: smoke.sh API_URL"}
url=${url%/}
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

fail() {
  echo "smoke.sh: $*" >&2
  echo "the last answer was: $(cat "$answer")" >&2
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

request GET /orders 200
count_before=$(member total_count)
amount_before=$(member total_amount_cents)

items='[{"sku":"tea","quantity":2,"unit_price_cents":350},{"sku":"cup","quantity":1,"unit_price_cents":900}]'
request POST /orders 201 "{\"customer\":\"Ada\",\"items\":$items}"
id=$(member id)
created_at=$(member created_at)
expect Ada customer
expect 1600 amount_cents
expect placed status

request GET "/orders/$id" 200
expect "$id" id
expect Ada customer
expect cup items 1 sku
expect 1600 amount_cents
expect "$created_at" created_at

request GET '/orders?limit=100' 200
# Others may order at the same time: there may be more than one order more, never less.
[ "$(member total_count)" -gt "$count_before" ] || fail "the order is not counted"
[ "$(member total_amount_cents)" -ge $((amount_before + 1600)) ] || fail "the amount is not counted"
grep -q "$id" "$answer" || fail "the order is not in the list"

request POST /orders 400 '{"customer":"Ada","items":[]}'
request POST /orders 400 'this is not JSON'
request GET /orders/42 400
request GET /orders/00000000-0000-4000-8000-000000000000 404
request GET '/orders?limit=0' 400

echo ok
