// Stores the orders of a batch from the queue: one statement for all of them, over the one connection of this environment. Orders that
// cannot be stored are named in the reply and come again; storing an order twice changes nothing, for a queue may deliver twice.
#include <curl/curl.h>
#include <surgetank/lambda.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "message.h"
#include "orders.h"

namespace {

namespace json = boost::json;
using surgetank::invocation_request;
using surgetank::invocation_response;

struct Message {
  std::string id;
  json::object order;
};

// Metrics as a line of the log (embedded metric format): no call, no wait, no throttle.
void count_batch(std::size_t stored, std::size_t failed, double duration_ms) {
  const char* metrics_namespace = std::getenv("METRICS_NAMESPACE");
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const json::object metric{
      {"Namespace", metrics_namespace == nullptr ? "OrdersAsync" : metrics_namespace},
      {"Dimensions", json::array{json::array{"Operation"}}},
      {"Metrics", json::array{json::object{{"Name", "Stored"}, {"Unit", "Count"}}, json::object{{"Name", "Failed"}, {"Unit", "Count"}},
                              json::object{{"Name", "Duration"}, {"Unit", "Milliseconds"}}}}};
  const json::object line{{"_aws", json::object{{"Timestamp", now.count()}, {"CloudWatchMetrics", json::array{metric}}}},
                          {"Operation", "StoreOrders"},
                          {"Stored", stored},
                          {"Failed", failed},
                          {"Duration", duration_ms}};
  std::cout << json::serialize(line) << std::endl;
}

// All at once; if the database refuses something in the batch, one by one, to find what it is.
void store_all(Orders& orders, const std::vector<Message>& messages, const std::string& trace_id, std::vector<std::string>& failed) {
  json::array batch;
  for (const Message& message : messages) batch.push_back(message.order);
  try {
    return orders.store(batch, trace_id);
  } catch (const std::exception& error) {
    std::cout << "a batch of " << messages.size() << " was refused: " << error.what() << std::endl;
  }
  for (const Message& message : messages) {
    try {
      orders.store(json::array{message.order}, trace_id);
    } catch (const std::exception& error) {
      std::cout << "message " << message.id << " was refused: " << error.what() << std::endl;
      failed.push_back(message.id);
    }
  }
}

invocation_response handle(Orders& orders, const invocation_request& request) {
  const auto started = std::chrono::steady_clock::now();
  const json::value event = json::parse(request.payload);
  const json::array& records = event.at("Records").as_array();
  std::vector<std::string> failed;
  std::vector<Message> messages;
  for (const json::value& record : records) {
    std::string id(record.at("messageId").as_string());
    try {
      messages.push_back({id, read_order(record.as_object())});
    } catch (const std::exception& error) {
      std::cout << "message " << id << " is no order: " << error.what() << std::endl;
      failed.push_back(std::move(id));
    }
  }
  if (!messages.empty()) store_all(orders, messages, request.xray_trace_id, failed);
  const std::chrono::duration<double, std::milli> duration = std::chrono::steady_clock::now() - started;
  count_batch(records.size() - failed.size(), failed.size(), duration.count());
  json::array failures;
  for (const std::string& id : failed) failures.push_back(json::object{{"itemIdentifier", id}});
  return invocation_response::success(json::serialize(json::object{{"batchItemFailures", failures}}));
}

}  // namespace

int main() {
  try {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const AwsClient aws;
    Orders orders(aws);
    return surgetank::run_handler([&](const invocation_request& request) { return handle(orders, request); });
  } catch (const std::exception& exception) {
    return surgetank::report_init_failure(exception.what(), "StoreOrders.InitFailed");
  }
}
