#include "windtunnel/recording/run_cost.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr Integer gateway_step_bytes = 512 * 1024;  // a request of an HTTP API is counted for each
constexpr Integer message_step_bytes = 64 * 1024;   // a request to a queue is counted for each
constexpr Integer messages_per_delete = 10;         // that a mapping deletes with one request

double steps(Integer bytes, Integer step) { return static_cast<double>(std::max<Integer>(1, (bytes + step - 1) / step)); }

class Bill {
 public:
  void add(const std::string& service, const std::string& unit, double units, double dollars) {
    auto& item = items_[service];
    item.service = service;
    item.unit = unit;
    item.units += units;
    item.dollars += dollars;
  }
  std::vector<CostItem> items() const {
    std::vector<CostItem> out;
    for (const auto& [service, item] : items_) out.push_back(item);
    std::stable_sort(out.begin(), out.end(), [](const CostItem& a, const CostItem& b) { return a.dollars > b.dollars; });
    return out;
  }

 private:
  std::map<std::string, CostItem> items_;
};

void add_gateway(const RecordedSpan& span, Bill& bill) {
  const auto requests = steps(integer_attribute(span, "request_bytes") + integer_attribute(span, "response_bytes"), gateway_step_bytes);
  bill.add("API Gateway", "requests", requests, requests * price_of("apigateway.http-request"));
}

// Since August 2025 the init of a cold start is billed like the invocation (lambda-behaviour: "INIT billing").
void add_invocation(const RecordedSpan& span, Bill& bill) {
  const auto billed_us = span.durationMicroseconds + integer_attribute(span, "init_microseconds");
  const auto billed_ms = std::ceil(static_cast<double>(billed_us) / 1000.0);
  bill.add("Lambda", "invocations", 1, invocation_dollars(integer_attribute(span, "memory_mb", 128), billed_ms));
}

// A batch is received with one request (what a poller receives in vain is not seen here) and deleted with one for ten messages.
void add_batch(const RecordedSpan& span, Bill& bill) {
  const auto messages = integer_attribute(span, "messages", 1);
  const auto requests = steps(integer_attribute(span, "request_bytes"), message_step_bytes) +
                        static_cast<double>((messages + messages_per_delete - 1) / messages_per_delete);
  bill.add("SQS", "requests", requests, requests * price_of("sqs.request"));
}

void add_call(const RecordedSpan& span, Bill& bill) {
  const auto service = std::string_view(span.name).substr(0, span.name.find('.'));
  if (service == "SQS") {
    const auto requests = steps(integer_attribute(span, "request_bytes"), message_step_bytes);
    bill.add("SQS", "requests", requests, requests * price_of("sqs.request"));
  } else if (service == "SecretsManager") {
    bill.add("Secrets Manager", "calls", 1, price_of("secretsmanager.call"));
  } else if (span.name == "CloudWatch.PutMetricData") {
    bill.add("CloudWatch", "calls", 1, price_of("cloudwatch.put-metric-data"));
  }
}

bool is_inside_a_request(const RecordedTrace& trace) {
  return std::any_of(trace.spans.begin(), trace.spans.end(), [](const RecordedSpan& span) { return span.kind != "aws"; });
}

void add_logs(const Recording& recording, Bill& bill) {
  constexpr double gigabyte = 1e9;
  double bytes = 0;
  for (const auto& metric : recording.metrics)
    if (metric.nameSpace == "AWS/Logs" && metric.name == "IncomingBytes") bytes += metric.sum;
  if (bytes > 0) bill.add("CloudWatch Logs", "GB", bytes / gigabyte, bytes / gigabyte * price_of("logs.gb"));
}

}  // namespace

RunCost cost_of(const Recording& recording) {
  Bill bill;
  RunCost cost;
  for (const auto& trace : recording.traces) {
    if (!is_inside_a_request(trace)) continue;  // a client's own call, not the application's
    for (const auto& span : trace.spans) {
      if (span.kind == "gateway") {
        ++cost.requests;
        add_gateway(span, bill);
      } else if (span.kind == "invoke") {
        add_invocation(span, bill);
      } else if (span.kind == "batch") {
        add_batch(span, bill);
      } else if (span.kind == "aws") {
        add_call(span, bill);
      }
    }
  }
  add_logs(recording, bill);
  cost.items = bill.items();
  for (const auto& item : cost.items) cost.dollars += item.dollars;
  return cost;
}

}  // namespace surgetank::windtunnel
