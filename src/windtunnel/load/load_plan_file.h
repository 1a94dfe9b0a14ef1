#pragma once
// Reads a load plan from YAML. Text of users: TemplateLimits of stack/ and LoadLimits hold; everything wrong is collected with its place.
//
//   requests:                          # or one request at the top: http, websocket, invoke or send
//     - name: submit
//       http: POST http://abc.execute-api.localhost:4566/orders
//       headers: {content-type: application/json}
//       body: {customer: "{{csv.name}}", items: [{sku: "sku-{{random 1 100}}", quantity: 1, unit_price_cents: 100}]}
//       weight: 9
//       expect: [202]
//       timeout: 10s
//     - {name: read, http: "GET http://abc.execute-api.localhost:4566/orders/{{uuid}}", expect: [200, 404]}
//   csv: customers.csv                 # beside the plan
//   traffic: {phases: [10s@50, 30s@50..500]}
//   thresholds: [p99 < 500ms, failed < 1%]
//   follow: 60s
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "stack/problems.h"
#include "windtunnel/load/load_plan.h"

namespace surgetank::windtunnel {

// Gives the content of the CSV file that a plan names; throws nothing: an Error has the text for the user.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;
std::optional<LoadPlan> read_load_plan(std::string_view text, const ReadFile& read_file, stack::Problems& problems);

}  // namespace surgetank::windtunnel
