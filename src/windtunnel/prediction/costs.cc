#include "windtunnel/prediction/costs.h"

#include "windtunnel/recording/prices.h"

namespace surgetank::prediction {
namespace {

using windtunnel::price_of;

constexpr double seconds_of_hour = 3'600;

}  // namespace

std::vector<CostLine> hourly_costs(const Use& use) {
  std::vector<CostLine> lines;
  if (use.seconds <= 0) return lines;
  const double hours = use.seconds / seconds_of_hour;
  const auto add = [&](std::string what, double amount, std::string_view price) {
    if (amount > 0) lines.push_back({std::move(what), amount * price_of(price) / hours});
  };
  add("API Gateway: requests", use.gateway_request_steps, "apigateway.http-request");
  add("Lambda: requests", use.invocations, "lambda.request");
  add("Lambda: time of functions", use.gb_seconds, "lambda.gb-second");
  add("Lambda: provisioned concurrency", use.provisioned_gb * use.seconds, "lambda.provisioned-gb-second");
  add("SQS: requests", use.queue_requests, "sqs.request");
  add("SQS: requests to FIFO queues", use.fifo_requests, "sqs.fifo-request");
  add("Secrets Manager: calls", use.secret_calls, "secretsmanager.call");
  add("CloudWatch: PutMetricData", use.metric_calls, "cloudwatch.put-metric-data");
  for (const auto& name : use.database_classes) {
    const auto price = windtunnel::database_hour(name);
    lines.push_back({"RDS: " + name + (price ? "" : " (not in the price table)"), price.value_or(0)});
  }
  return lines;
}

std::string price_note() {
  const auto& table = windtunnel::price_table();
  return "list prices of " + table.region + ", about: " + table.note;
}

}  // namespace surgetank::prediction
