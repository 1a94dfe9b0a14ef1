// Secrets Manager, CloudWatch, CloudWatch Logs, RDS.
#include <gtest/gtest.h>

#include "probe_check.h"
#include "services/cloudwatch/quotas.h"
#include "services/logs/quotas.h"
#include "services/rds/quotas.h"
#include "services/secretsmanager/quotas.h"

namespace surgetank {
namespace {

// --- Secrets Manager ---------------------------------------------------------------------------------------------------

std::string secrets(ProbeBench& bench, std::string_view operation, const std::string& input) {
  return bench.call("secretsmanager", operation, input);
}
void secret_value(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return secrets(bench, "CreateSecret", R"({"Name":"s","SecretString":")" + times(amount, "x", "") + "\"}");
      },
      "ValidationException: 1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length "
      "less than or equal to 65536");
}
void secret_count(const QuotaRow& row) {
  ProbeBench bench;
  bench.set(row, 2);
  const auto create = [&](const std::string& name) { return secrets(bench, "CreateSecret", R"({"Name":")" + name + "\"}"); };
  const std::string refused = "LimitExceededException: The request failed because it would exceed one of the Secrets Manager quotas.";
  EXPECT_EQ(create("a").substr(0, 1), "{");
  EXPECT_EQ(create("b").substr(0, 1), "{");
  EXPECT_EQ(bench.rejections(row), 0);
  EXPECT_EQ(create("c"), refused);
  EXPECT_EQ(bench.rejections(row), 1);
  // One that is scheduled for deletion is still there; one that is gone makes room.
  bench.make("secretsmanager", "DeleteSecret", R"({"SecretId":"a","RecoveryWindowInDays":7})");
  EXPECT_EQ(create("c"), refused);
  bench.make("secretsmanager", "DeleteSecret", R"({"SecretId":"b","ForceDeleteWithoutRecovery":true})");
  EXPECT_EQ(create("c").substr(0, 1), "{");
  EXPECT_EQ(create("d"), refused);
  bench.world.advance(days(7));
  EXPECT_EQ(create("d").substr(0, 1), "{");
}
void versions(const QuotaRow& row) {
  std::string arn;
  counted(
      row, 3, [&](ProbeBench& bench) { arn = text_member(bench.make("secretsmanager", "CreateSecret", R"({"Name":"s"})"), "ARN"); },
      [&](ProbeBench& bench, std::int64_t number) {
        const auto label = std::to_string(number);
        return secrets(bench, "PutSecretValue",
                       R"({"SecretId":"s","SecretString":"v)" + label + R"(","VersionStages":["label)" + label + "\"]}");
      },
      "LimitExceededException: You exceeded the maximum of 3 labeled versions of secret " +
          [] {
            ProbeBench bench;
            return text_member(bench.make("secretsmanager", "CreateSecret", R"({"Name":"s"})"), "ARN");
          }() +
          ".");
}
void staging_labels(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        bench.make("secretsmanager", "CreateSecret", R"({"Name":"s"})");
        std::string labels;
        for (std::int64_t i = 0; i < amount; ++i) labels += (i == 0 ? "\"l" : ",\"l") + std::to_string(i) + "\"";
        return secrets(bench, "PutSecretValue", R"({"SecretId":"s","SecretString":"v","VersionStages":[)" + labels + "]}");
      },
      "LimitExceededException: You can't attach more than 20 staging labels to a version.");
}
void secret_tags(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return secrets(bench, "CreateSecret", R"({"Name":"s","Tags":)" + tag_list(amount, "Key", "Value") + "}");
      },
      "InvalidParameterException: You can't attach more than 50 tags to a secret.");
}
void batch_secrets(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return secrets(bench, "BatchGetSecretValue", R"({"SecretIdList":[)" + times(amount, "\"s\"", ",") + "]}");
      },
      "InvalidParameterException: You can't get more than 20 secrets in one call.");
}

constexpr Probe secretsmanager_probes[] = {
    {"secretsmanager.get-secret-value", rate_of_operations},
    {"secretsmanager.describe-secret", rate_of_operations},
    {"secretsmanager.batch-get-secret-value", rate_of_operations},
    {"secretsmanager.list-secrets", rate_of_operations},
    {"secretsmanager.create-secret", rate_of_operations},
    {"secretsmanager.delete-secret", rate_of_operations},
    {"secretsmanager.restore-secret", rate_of_operations},
    {"secretsmanager.put-secret-value", rate_of_operations},
    {"secretsmanager.list-secret-version-ids", rate_of_operations},
    {"secretsmanager.get-random-password", rate_of_operations},
    {"secretsmanager.tag-resource", rate_of_operations},
    {"secretsmanager.secrets", secret_count},
    {"secretsmanager.secret-value", secret_value},
    {"secretsmanager.versions", versions},
    {"secretsmanager.staging-labels", staging_labels},
    {"secretsmanager.tags", secret_tags},
    {"secretsmanager.batch-secrets", batch_secrets},
};
static_assert(each_has_a_probe(secretsmanager::quotas::rows, secretsmanager_probes), "a quota of Secrets Manager has no probe");

// --- CloudWatch --------------------------------------------------------------------------------------------------------

std::string put_metrics(ProbeBench& bench, const std::string& data) {
  return bench.call("cloudwatch", "PutMetricData", R"({"Namespace":"n","MetricData":[)" + data + "]}");
}
void metrics_per_put(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return put_metrics(bench, times(amount, R"({"MetricName":"m","Value":1})", ",")); },
      "InvalidParameterValueException: The collection MetricData must not have a size greater than 1000.");
}
void values_per_datum(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return put_metrics(bench, R"({"MetricName":"m","Values":[)" + times(amount, "1", ",") + "]}");
      },
      "InvalidParameterValueException: The collection MetricData.member.1.Values must not have a size greater than 150.");
}
void dimensions(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return put_metrics(bench, R"({"MetricName":"m","Value":1,"Dimensions":)" + tag_list(amount, "Name", "Value") + "}");
      },
      "InvalidParameterValueException: The collection MetricData.member.1.Dimensions must not have a size greater than 30.");
}
void queries(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string all;
        for (std::int64_t i = 0; i < amount; ++i)
          all += (i == 0 ? "" : ",") + (R"({"Id":"q)" + std::to_string(i) +
                                        R"(","MetricStat":{"Metric":{"Namespace":"n","MetricName":"m"},"Period":60,"Stat":"Sum"}})");
        return bench.call("cloudwatch", "GetMetricData",
                          R"({"StartTime":1700000000,"EndTime":1700003600,"MetricDataQueries":[)" + all + "]}");
      },
      "ValidationError: The collection MetricDataQueries must not have a size greater than 500.");
}
void statistics_datapoints(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        return bench.call("cloudwatch", "GetMetricStatistics",
                          R"({"Namespace":"n","MetricName":"m","Period":60,"Statistics":["Sum"],"StartTime":1699900020,"EndTime":)" +
                              std::to_string(1'699'900'020 + amount * 60) + "}");
      },
      "InvalidParameterCombinationException: You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the "
      "datapoints requested by increasing Period, or decreasing the time range.");
}

constexpr Probe cloudwatch_probes[] = {
    {"cloudwatch.put-metric-data", rate_of_operations},
    {"cloudwatch.get-metric-data", rate_of_operations},
    {"cloudwatch.get-metric-statistics", rate_of_operations},
    {"cloudwatch.list-metrics", rate_of_operations},
    {"cloudwatch.metrics-per-put", metrics_per_put},
    {"cloudwatch.values-per-datum", values_per_datum},
    {"cloudwatch.dimensions", dimensions},
    {"cloudwatch.queries", queries},
    {"cloudwatch.statistics-datapoints", statistics_datapoints},
};
static_assert(each_has_a_probe(cloudwatch::quotas::rows, cloudwatch_probes), "a quota of CloudWatch has no probe");

// --- CloudWatch Logs ---------------------------------------------------------------------------------------------------

void log_groups(const QuotaRow& row) {
  counted(
      row, 2, {},
      [](ProbeBench& bench, std::int64_t number) {
        return bench.call("logs", "CreateLogGroup", R"({"logGroupName":"g)" + std::to_string(number) + "\"}");
      },
      "LimitExceededException: Resource limit exceeded.");
  // Those that functions would make count as well; a group that is gone makes room.
  ProbeBench bench;
  bench.set(row, 1);
  const auto ingest = [&](const std::string& name) {
    return bench.call("logs", "IngestLogEvents",
                      R"({"logGroupName":")" + name + R"(","logStreamName":"s","events":[{"timestamp":1700000000000,"message":"m"}]})");
  };
  EXPECT_EQ(ingest("f"), "{}");
  EXPECT_EQ(ingest("f"), "{}");
  EXPECT_EQ(ingest("g"), "LimitExceededException: Resource limit exceeded.");
  bench.make("logs", "DeleteLogGroup", R"({"logGroupName":"f"})");
  EXPECT_EQ(ingest("g"), "{}");
}

std::string put_events(ProbeBench& bench, const std::string& events) {
  bench.make("logs", "CreateLogGroup", R"({"logGroupName":"g"})");
  bench.make("logs", "CreateLogStream", R"({"logGroupName":"g","logStreamName":"s"})");
  return bench.call("logs", "PutLogEvents", R"({"logGroupName":"g","logStreamName":"s","logEvents":[)" + events + "]}");
}
std::string log_event(std::int64_t bytes) { return R"({"timestamp":1700000000000,"message":")" + times(bytes, "x", "") + "\"}"; }
void batch_bytes(const QuotaRow& row) {
  sized(
      row, 200, [](ProbeBench& bench, std::int64_t amount) { return put_events(bench, log_event(amount - 26)); },
      "InvalidParameterException: Upload too large: 201 bytes exceeds limit of 200");
}
void batch_events(const QuotaRow& row) {
  sized(
      row, 5, [](ProbeBench& bench, std::int64_t amount) { return put_events(bench, times(amount, log_event(1), ",")); },
      "InvalidParameterException: 1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length "
      "between 1 and 5");
}
void event_bytes(const QuotaRow& row) {
  sized(
      row, 100, [](ProbeBench& bench, std::int64_t amount) { return put_events(bench, log_event(amount)); },
      "InvalidParameterException: Log event too large: 101 bytes exceeds limit of 100");
}
void log_tags(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) {
        std::string all;
        for (std::int64_t i = 0; i < amount; ++i) all += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + R"(":"1")";
        return bench.call("logs", "CreateLogGroup", R"({"logGroupName":"g","tags":{)" + all + "}}");
      },
      "InvalidParameterException: A log group has at most 50 tags.");
}

constexpr Probe logs_probes[] = {
    {"logs.put-log-events", rate_of_operations},
    {"logs.create-log-group", rate_of_operations},
    {"logs.create-log-stream", rate_of_operations},
    {"logs.delete-log-group", rate_of_operations},
    {"logs.delete-log-stream", rate_of_operations},
    {"logs.describe-log-groups", rate_of_operations},
    {"logs.describe-log-streams", rate_of_operations},
    {"logs.filter-log-events", rate_of_operations},
    {"logs.get-log-events", rate_of_operations},
    {"logs.other-requests", rate_of_operations},
    {"logs.log-groups", log_groups},
    {"logs.batch-bytes", batch_bytes},
    {"logs.batch-events", batch_events},
    {"logs.event-bytes", event_bytes},
    {"logs.tags", log_tags},
};
static_assert(each_has_a_probe(logs::quotas::rows, logs_probes), "a quota of CloudWatch Logs has no probe");

// --- RDS ---------------------------------------------------------------------------------------------------------------

std::string create_instance(ProbeBench& bench, const std::string& name, const std::string& more) {
  return bench.call("rds", "CreateDBInstance",
                    R"({"DBInstanceIdentifier":")" + name +
                        R"(","DBInstanceClass":"db.t4g.micro","Engine":"postgres","AllocatedStorage":20,)" +
                        R"("MasterUsername":"orders","MasterUserPassword":"correct-horse")" + more + "}");
}
void instances(const QuotaRow& row) {
  counted(
      row, 2, {}, [](ProbeBench& bench, std::int64_t number) { return create_instance(bench, "i" + std::to_string(number), ""); },
      "InstanceQuotaExceeded: Cannot create more than 2 DB instances.");
}
void instance_tags(const QuotaRow& row) {
  sized(
      row, row.value,
      [](ProbeBench& bench, std::int64_t amount) { return create_instance(bench, "i", R"(,"Tags":)" + tag_list(amount, "Key", "Value")); },
      "InvalidParameterValue: A resource has at most 50 tags.");
}

constexpr Probe rds_probes[] = {{"rds.instances", instances}, {"rds.tags", instance_tags}};
static_assert(each_has_a_probe(rds::quotas::rows, rds_probes), "a quota of RDS has no probe");

std::vector<Probe> joined() {
  std::vector<Probe> all;
  for (const auto& list : {std::span<const Probe>(secretsmanager_probes), std::span<const Probe>(cloudwatch_probes),
                           std::span<const Probe>(logs_probes), std::span<const Probe>(rds_probes)})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace

std::span<const Probe> other_probes() {
  static const std::vector<Probe> all = joined();
  return all;
}

}  // namespace surgetank
