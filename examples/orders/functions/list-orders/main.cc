// GET /orders: lists the latest orders and the totals. Written the simple way on purpose; README.md tells what that costs.
#include <curl/curl.h>
#include <surgetank/lambda.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>

#include "aws_client.h"
#include "database.h"
#include "orders.h"

namespace {

namespace json = boost::json;
using surgetank::invocation_request;
using surgetank::invocation_response;

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

invocation_response reply(int status, const json::object& body) {
  const json::object answer{{"statusCode", status}, {"headers", {{"content-type", "application/json"}}}, {"body", json::serialize(body)}};
  return invocation_response::success(json::serialize(answer));
}

// ?limit=n of an HTTP API event (payload format 2.0).
std::optional<int> requested_limit(const json::object& event) {
  const json::value* parameters = event.if_contains("queryStringParameters");
  const json::value* limit = parameters != nullptr && parameters->is_object() ? parameters->as_object().if_contains("limit") : nullptr;
  return limit == nullptr ? default_limit : read_limit(limit->as_string());
}

Database connect(const AwsClient& aws, const std::string& trace_id) {
  const auto [username, password] = aws.get_database_credentials(setting("DATABASE_SECRET_ID"), trace_id);
  return Database({setting("DATABASE_HOST"), setting("DATABASE_PORT"), setting("DATABASE_NAME"), username, password});
}

invocation_response handle(const AwsClient& aws, const invocation_request& request) {
  const auto started = std::chrono::steady_clock::now();
  const json::value event = json::parse(request.payload);
  const std::optional<int> limit = requested_limit(event.as_object());
  if (!limit) return reply(400, {{"message", "limit must be a whole number from 1 to " + std::to_string(max_limit)}});

  json::object orders;
  {
    Database database = connect(aws, request.xray_trace_id);
    orders = list_orders(database, *limit);
  }

  const std::chrono::duration<double, std::milli> duration = std::chrono::steady_clock::now() - started;
  aws.count_request(setting("METRICS_NAMESPACE"), "ListOrders", duration.count(), request.xray_trace_id);
  return reply(200, orders);
}

}  // namespace

int main() {
  try {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const AwsClient aws;
    return surgetank::run_handler([&](const invocation_request& request) { return handle(aws, request); });
  } catch (const std::exception& exception) {
    return surgetank::report_init_failure(exception.what(), "ListOrders.InitFailed");
  }
}
