#include "services/servicequotas/catalogue.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/dispatcher.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"

namespace surgetank::servicequotas {
namespace {

struct ServiceTitle {
  std::string_view code;
  std::string_view name;
};
constexpr ServiceTitle titles[] = {{"apigateway", "Amazon API Gateway"},
                                   {"cloudformation", "AWS CloudFormation"},
                                   {"iam", "AWS Identity and Access Management (IAM)"},
                                   {"lambda", "AWS Lambda"},
                                   {"logs", "Amazon CloudWatch Logs"},
                                   {"monitoring", "Amazon CloudWatch"},
                                   {"rds", "Amazon Relational Database Service (Amazon RDS)"},
                                   {"secretsmanager", "AWS Secrets Manager"},
                                   {"sqs", "Amazon Simple Queue Service (Amazon SQS)"},
                                   {"sts", "AWS Security Token Service (AWS STS)"}};
constexpr double largest_value = 1e10;  // of the API's model
constexpr std::int64_t largest_page = 100;

}  // namespace

std::string service_name(const Service& service) {
  const auto* found =
      std::find_if(std::begin(titles), std::end(titles), [&](const ServiceTitle& t) { return t.code == service.signing_name; });
  return std::string(found == std::end(titles) ? service.signing_name : found->name);
}

std::string quota_code(const QuotaRow& row) {
  if (!row.code.empty()) return std::string(row.code);
  auto code = "SURGETANK-" + std::string(row.id);
  std::replace(code.begin(), code.end(), '.', '-');
  return code;
}

bool is_listed(const QuotaRow& row) { return row.value != Quotas::unlimited; }

Result<const Service*> find_service(const Call& call, std::string_view code) {
  for (const auto* service : call.ports.dispatcher->services())
    if (service->signing_name == code && !service->quotas.empty()) return service;
  return Error{&NoSuchResourceException, "The request failed because the specified service does not exist."};
}

Result<const QuotaRow*> find_row(const Service& service, std::string_view code) {
  for (const auto& row : service.quotas)
    if (is_listed(row) && quota_code(row) == code) return &row;
  return Error{&NoSuchResourceException, "The request failed because the specified quota does not exist."};
}

Quota shown(const Call& call, const Service& service, const QuotaRow& row, std::int64_t value) {
  Quota quota{.ServiceCode = std::string(service.signing_name),
              .ServiceName = service_name(service),
              .QuotaArn = "arn:aws:servicequotas:" + call.region() + ":" + call.account() + ":" + std::string(service.signing_name) + "/" +
                          quota_code(row),
              .QuotaCode = quota_code(row),
              .QuotaName = std::string(row.name),
              .Value = std::min(static_cast<double>(value), largest_value),
              .Unit = "None",
              .Adjustable = row.adjustable == QuotaAdjustable::Yes,
              .GlobalQuota = service.scope == ServiceScope::Global,
              .Period_ = {}};
  if (row.algorithm == QuotaAlgorithm::TokenBucket || row.algorithm == QuotaAlgorithm::Window)
    quota.Period_ = Period{.PeriodValue = row.per.us / seconds(1).us, .PeriodUnit = "SECOND"};
  return quota;
}

Result<PageBounds> page_bounds(std::size_t count, const Opt<Integer>& max_results, const Opt<String>& next_token) {
  const auto size = max_results.value_or(largest_page);
  if (size < 1 || size > largest_page) return Error{&IllegalArgumentException, "MaxResults must be from 1 to 100."};
  PageBounds page;
  if (next_token) {
    const auto text = from_base64(*next_token);
    const auto position = text ? parse_integer(*text) : std::nullopt;
    if (!position || *position < 1 || static_cast<std::size_t>(*position) >= count)
      return Error{&InvalidPaginationTokenException, "Invalid pagination token."};
    page.first = static_cast<std::size_t>(*position);
  }
  page.end = std::min(count, page.first + static_cast<std::size_t>(size));
  if (page.end < count) page.next_token = to_base64(std::to_string(page.end));
  return page;
}

}  // namespace surgetank::servicequotas
