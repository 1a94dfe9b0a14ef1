#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/concurrency_quota.h"
#include "base/text.h"
#include "probe_check.h"
#include "services/lambda/quotas.h"
#include "storage/zip.h"
#include "wire/json_value.h"

namespace surgetank {
namespace {

namespace quotas = lambda::quotas;

std::string ask(ProbeBench& bench, std::string_view operation, const std::string& input) { return bench.call("lambda", operation, input); }

std::string too_large(std::string_view path, std::int64_t value, std::int64_t most) {
  return "ValidationException: 1 validation error detected: Value '" + std::to_string(value) + "' at '" + std::string(path) +
         "' failed to satisfy constraint: Member must have value less than or equal to " + std::to_string(most);
}

// What the engine asks: the model over the registry.
void concurrent_executions(const QuotaRow& row) {
  ProbeBench bench;
  bench.set(row, 3);
  LambdaConcurrencyQuota quota(bench.world.quotas);
  AccountConcurrency account(quota);
  FunctionConcurrency function(account);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(function.admit(bench.door.now(), nullptr).is_admitted);
  const auto refused = function.admit(bench.door.now(), nullptr);
  EXPECT_FALSE(refused.is_admitted);
  EXPECT_EQ(name_of(refused.reason), row.members[1].value);
  EXPECT_EQ(bench.rejections(row), 1);

  // And what Invoke answers then.
  bench.make_function();
  bench.world.runner.behaviour = [](const FunctionVersion&, const InvocationRequest&) {
    return InvocationOutcome{.kind = InvocationOutcome::Kind::Throttled, .throttle = ThrottleReason::AccountConcurrency};
  };
  EXPECT_EQ(ask(bench, "Invoke", R"({"FunctionName":"f"})"), "TooManyRequestsException: Rate Exceeded.");
}

void unreserved_concurrency_floor(const QuotaRow& row) {
  ProbeBench bench;
  bench.set(quotas::concurrent_executions, 500);
  bench.make_function();
  const auto reserve = [&](int executions) {
    return ask(bench, "PutFunctionConcurrency",
               R"({"FunctionName":"f","ReservedConcurrentExecutions":)" + std::to_string(executions) + "}");
  };
  EXPECT_EQ(reserve(400).substr(0, 1), "{");
  EXPECT_EQ(reserve(401), "InvalidParameterValueException: " + Quotas::error(row).message);
  EXPECT_EQ(bench.rejections(row), 1);
}

void request_rate_factor(const QuotaRow& row) {
  static_assert(ConcurrencyRules{}.requests_per_execution == quotas::request_rate_factor.value);
  ProbeBench bench;
  bench.set(quotas::concurrent_executions, 2);
  bench.set(row, 5);
  LambdaConcurrencyQuota quota(bench.world.quotas);
  AccountConcurrency account(quota);
  FunctionConcurrency function(account);
  int admitted = 0;
  for (int i = 0; i < 50; ++i) {
    const auto admission = function.admit(bench.door.now(), nullptr);
    if (admission.is_admitted) {
      ++admitted;
      function.release(admission.pool, nullptr);
    } else {
      EXPECT_EQ(name_of(admission.reason), row.members[1].value);
    }
  }
  EXPECT_EQ(admitted, 2 * 5);
  EXPECT_EQ(bench.rejections(row), 50 - admitted);
}

void scaling_rate(const QuotaRow& row) {
  static_assert(ConcurrencyRules{}.scaling_burst == quotas::scaling_rate.burst);
  static_assert(ConcurrencyRules{}.scaling_per_second * 10 == quotas::scaling_rate.value);
  ProbeBench bench;
  bench.set(row, 20);
  LambdaConcurrencyQuota quota(bench.world.quotas);
  AccountConcurrency account(quota);
  FunctionConcurrency function(account);
  for (std::int64_t i = 0; i < 20; ++i) EXPECT_TRUE(function.take_scaling_token(bench.door.now()));
  EXPECT_FALSE(function.take_scaling_token(bench.door.now()));
  function.note_rejected(ThrottleReason::ScalingRate);
  EXPECT_EQ(bench.rejections(row), 1);
  EXPECT_EQ(name_of(ThrottleReason::ScalingRate), row.members[1].value);
}

std::string invocation(std::int64_t bytes, const std::string& more) {
  const auto payload = "\"" + std::string(static_cast<std::size_t>(bytes - 2), 'x') + "\"";
  return R"({"FunctionName":"f","Payload":")" + to_base64(payload) + "\"" + more + "}";
}

void synchronous_payload(const QuotaRow& row) {
  sized(
      row, 100,
      [](ProbeBench& bench, std::int64_t amount) {
        bench.make_function();
        return ask(bench, "Invoke", invocation(amount, ""));
      },
      "RequestTooLargeException: Request must be smaller than 100 bytes for the InvokeFunction operation");
}

void asynchronous_payload(const QuotaRow& row) {
  sized(
      row, 100,
      [](ProbeBench& bench, std::int64_t amount) {
        bench.make_function();
        return ask(bench, "Invoke", invocation(amount, R"(,"InvocationType":"Event")"));
      },
      "RequestTooLargeException: 101 byte payload is too large for the Event invocation type (limit 100 bytes)");
}

void setting(const QuotaRow& row, const std::string& before, const std::string& after, std::string_view path) {
  sized(
      row, row.value,
      [&](ProbeBench& bench, std::int64_t amount) {
        return ask(bench, "CreateFunction", ProbeBench::function("f", before + std::to_string(amount) + after));
      },
      too_large(path, row.value + 1, row.value));
}
void function_timeout(const QuotaRow& row) { setting(row, R"(,"Timeout":)", "", "timeout"); }
void function_memory(const QuotaRow& row) { setting(row, R"(,"MemorySize":)", "", "memorySize"); }
void temporary_storage(const QuotaRow& row) { setting(row, R"(,"EphemeralStorage":{"Size":)", "}", "ephemeralStorage.size"); }

void environment_variables(const QuotaRow& row) {
  const auto variables = [](std::int64_t amount) { return R"({"AB":")" + std::string(static_cast<std::size_t>(amount - 9), 'x') + "\"}"; };
  sized(
      row, 50,
      [&](ProbeBench& bench, std::int64_t amount) {
        return ask(bench, "CreateFunction", ProbeBench::function("f", R"(,"Environment":{"Variables":)" + variables(amount) + "}"));
      },
      "InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you "
      "have provided exceeded the 4KB limit. String measured: " +
          variables(51));
}

void resource_policy(const QuotaRow& row) {
  const auto add = [](ProbeBench& bench) {
    bench.make_function();
    return ask(bench, "AddPermission",
               R"({"FunctionName":"f","StatementId":"s","Action":"lambda:InvokeFunction","Principal":"sqs.amazonaws.com"})");
  };
  ProbeBench first;
  EXPECT_EQ(add(first).substr(0, 1), "{");
  const auto size = static_cast<std::int64_t>(text_member(ask(first, "GetPolicy", R"({"FunctionName":"f"})"), "Policy").size());
  ProbeBench fits;
  fits.set(row, size);
  EXPECT_EQ(add(fits).substr(0, 1), "{");
  ProbeBench beyond;
  beyond.set(row, size - 1);
  EXPECT_EQ(add(beyond), "PolicyLengthExceededException: The final policy size (" + std::to_string(size) + ") is bigger than the limit (" +
                             std::to_string(size - 1) + ").");
  EXPECT_EQ(beyond.rejections(row), 1);
}

std::string package() {
  static const std::string zip = [] {
    std::string directory = (std::filesystem::temp_directory_path() / "surgetank-probe-XXXXXX").string();
    if (::mkdtemp(directory.data()) == nullptr) throw std::runtime_error("mkdtemp");
    std::ofstream(directory + "/i.js") << std::string(1000, 'x');
    auto bytes = pack_directory(directory, 1'000'000);
    std::filesystem::remove_all(directory);
    return bytes;
  }();
  return zip;
}

std::string create_packaged(ProbeBench& bench, const std::string& name) {
  return ask(bench, "CreateFunction",
             R"({"FunctionName":")" + name + R"(","Role":"arn:aws:iam::000000000000:role/r","Runtime":"nodejs20.x","Handler":"i.h",)" +
                 R"("Code":{"ZipFile":")" + to_base64(package()) + "\"}}");
}

void by_package(const QuotaRow& row, std::int64_t size, const std::string& error) {
  ProbeBench fits;
  fits.set(row, size);
  EXPECT_EQ(create_packaged(fits, "f").substr(0, 1), "{") << row.id;
  ProbeBench beyond;
  beyond.set(row, size - 1);
  EXPECT_EQ(create_packaged(beyond, "f"), error);
  EXPECT_EQ(beyond.rejections(row), 1) << row.id;
}
void zipped_package(const QuotaRow& row) {
  const auto size = static_cast<std::int64_t>(package().size());
  by_package(row, size, "RequestEntityTooLargeException: Zipped size must be smaller than " + std::to_string(size - 1) + " bytes");
}
void unzipped_package(const QuotaRow& row) {
  by_package(row, 1001, "InvalidParameterValueException: Unzipped size must be smaller than 1000 bytes");
}
void code_storage(const QuotaRow& row) {
  by_package(row, static_cast<std::int64_t>(package().size()), "CodeStorageExceededException: Code storage limit exceeded.");
  // Clients that compute with it get a number they can use, also where nothing limits it.
  ProbeBench bench;
  bench.world.quotas.use_profile(QuotaProfile::None);
  EXPECT_NE(ask(bench, "GetAccountSettings", "{}").find("\"TotalCodeSize\":80530636800,"), std::string::npos);
  bench.set(row, 1'000'000);
  EXPECT_NE(ask(bench, "GetAccountSettings", "{}").find("\"TotalCodeSize\":1000000,"), std::string::npos);
}

void event_invoke(const QuotaRow& row, const std::string& member, std::string_view path) {
  sized(
      row, row.value,
      [&](ProbeBench& bench, std::int64_t amount) {
        bench.make_function();
        return ask(bench, "PutFunctionEventInvokeConfig", R"({"FunctionName":"f",")" + member + "\":" + std::to_string(amount) + "}");
      },
      too_large(path, row.value + 1, row.value));
}
void asynchronous_retries(const QuotaRow& row) { event_invoke(row, "MaximumRetryAttempts", "maximumRetryAttempts"); }
void asynchronous_event_age(const QuotaRow& row) { event_invoke(row, "MaximumEventAgeInSeconds", "maximumEventAgeInSeconds"); }

std::string map_queue(ProbeBench& bench, const std::string& more) {
  bench.make_function();
  bench.make("sqs", "CreateQueue", R"({"QueueName":"q"})");
  return ask(bench, "CreateEventSourceMapping",
             R"({"FunctionName":"f","Enabled":false,"EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:q")" + more + "}");
}
void event_source(const QuotaRow& row, const std::string& before, const std::string& after, std::string_view path) {
  sized(
      row, row.value, [&](ProbeBench& bench, std::int64_t amount) { return map_queue(bench, before + std::to_string(amount) + after); },
      too_large(path, row.value + 1, row.value));
}
void event_source_batch(const QuotaRow& row) { event_source(row, R"(,"MaximumBatchingWindowInSeconds":1,"BatchSize":)", "", "batchSize"); }
void event_source_window(const QuotaRow& row) {
  event_source(row, R"(,"MaximumBatchingWindowInSeconds":)", "", "maximumBatchingWindowInSeconds");
}
void event_source_concurrency(const QuotaRow& row) {
  event_source(row, R"(,"ScalingConfig":{"MaximumConcurrency":)", "}", "scalingConfig.maximumConcurrency");
}
void event_source_filters(const QuotaRow& row) {
  sized(
      row, 2,
      [](ProbeBench& bench, std::int64_t amount) {
        return map_queue(bench, R"(,"FilterCriteria":{"Filters":[)" + times(amount, R"({"Pattern":"{\"body\":[\"a\"]}"})", ",") + "]}");
      },
      "InvalidParameterValueException: Number of filters exceeds the limit of 2.");
  // Five, and ten for those who ask AWS: for a mapping that is changed as well.
  static_assert(quotas::event_source_filters.value == 5);
  ProbeBench bench;
  const auto criteria = [](std::int64_t count) {
    return R"("FilterCriteria":{"Filters":[)" + times(count, R"({"Pattern":"{\"body\":[\"a\"]}"})", ",") + "]}";
  };
  const auto uuid = text_member(map_queue(bench, "," + criteria(5)), "UUID");
  bench.world.advance(seconds(60));
  const auto update = [&](std::int64_t count) {
    return ask(bench, "UpdateEventSourceMapping", R"({"UUID":")" + uuid + "\"," + criteria(count) + "}");
  };
  EXPECT_EQ(update(6), "InvalidParameterValueException: Number of filters exceeds the limit of 5.");
  bench.make("servicequotas", "RequestServiceQuotaIncrease",
             R"({"ServiceCode":"lambda","QuotaCode":"SURGETANK-lambda-event-source-filters","DesiredValue":10})");
  EXPECT_EQ(update(10).substr(0, 1), "{");
  bench.world.advance(seconds(60));
  EXPECT_EQ(update(11), "InvalidParameterValueException: Number of filters exceeds the limit of 10.");
}
void event_source_filter_pattern(const QuotaRow& row) {
  const auto pattern = [](std::int64_t length) {
    return R"({"body":[")" + std::string(static_cast<std::size_t>(length - 13), 'x') + R"("]})";
  };
  sized(
      row, 40,
      [&](ProbeBench& bench, std::int64_t amount) {
        return map_queue(bench, R"(,"FilterCriteria":{"Filters":[{"Pattern":)" + to_json(JsonValue::string(pattern(amount))) + "}]}");
      },
      "ValidationException: 1 validation error detected: Value '" + pattern(41) +
          "' at 'filterCriteria.filters.pattern' failed to satisfy constraint: Member must have length less than or equal to 40");
}

constexpr Probe probes[] = {
    {"lambda.concurrent-executions", concurrent_executions},
    {"lambda.unreserved-concurrency-floor", unreserved_concurrency_floor},
    {"lambda.request-rate-factor", request_rate_factor},
    {"lambda.scaling-rate", scaling_rate},
    {"lambda.synchronous-payload", synchronous_payload},
    {"lambda.asynchronous-payload", asynchronous_payload},
    {"lambda.control-plane-requests", rate_of_operations},
    {"lambda.get-function-requests", rate_of_operations},
    {"lambda.get-policy-requests", rate_of_operations},
    {"lambda.function-timeout", function_timeout},
    {"lambda.function-memory", function_memory},
    {"lambda.temporary-storage", temporary_storage},
    {"lambda.environment-variables", environment_variables},
    {"lambda.resource-policy", resource_policy},
    {"lambda.zipped-package", zipped_package},
    {"lambda.unzipped-package", unzipped_package},
    {"lambda.code-storage", code_storage},
    {"lambda.asynchronous-retries", asynchronous_retries},
    {"lambda.asynchronous-event-age", asynchronous_event_age},
    {"lambda.event-source-batch", event_source_batch},
    {"lambda.event-source-window", event_source_window},
    {"lambda.event-source-concurrency", event_source_concurrency},
    {"lambda.event-source-filters", event_source_filters},
    {"lambda.event-source-filter-pattern", event_source_filter_pattern},
};
static_assert(each_has_a_probe(quotas::rows, probes), "a quota of Lambda has no probe");

}  // namespace

std::span<const Probe> lambda_probes() { return probes; }

}  // namespace surgetank
