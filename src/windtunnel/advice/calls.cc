// AWS calls that each invocation makes and need not: its secret, its metrics.
#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr double often = 0.5;  // of the warm invocations
constexpr double near = 0.5;   // of the quota: then it is shown

struct RepeatedCall {
  const Rule& rule;
  std::string_view call;
  std::string_view price;
  const char* what;
  const char* cure;
  const char* node;
  const char* python;
  const char* quota;
  std::string_view quota_id;
};

constexpr RepeatedCall secret{rules::secret_per_invocation,
                              "SecretsManager.GetSecretValue",
                              "secretsmanager.call",
                              "read a secret",
                              "Read the secret once for each environment, when the connection is made, and keep it; read it anew when it "
                              "is refused (rotation) or after "
                              "some minutes. The AWS Parameters and Secrets Lambda extension and Powertools do the same.",
                              "let secret;  // outside of the handler\n// in it: if (!secret) secret = await readSecret();",
                              "_secret = None  # outside of the handler\n# in it: if _secret is None: _secret = read_secret()",
                              "GetSecretValue has a quota of 10,000 a second for the account",
                              "secretsmanager.get-secret-value"};
constexpr RepeatedCall metrics{rules::metrics_call_per_invocation,
                               "CloudWatch.PutMetricData",
                               "cloudwatch.put-metric-data",
                               "called PutMetricData",
                               "Write metrics as a line of the log in the embedded metric format (EMF): CloudWatch makes the metric of it, "
                               "and the invocation waits for "
                               "nothing. Powertools' metrics do so.",
                               "console.log(JSON.stringify({ _aws: { Timestamp, CloudWatchMetrics: [...] }, Requests: 1 }));",
                               "print(json.dumps({\"_aws\": {\"Timestamp\": ..., \"CloudWatchMetrics\": [...]}, \"Requests\": 1}))",
                               "PutMetricData has a quota of 500 a second for the account",
                               "cloudwatch.put-metric-data"};

void repeated_call(const Run& run, const RecordedFunction& function, const RepeatedCall& rule, Findings& out) {
  std::size_t warm = 0;
  std::size_t calling = 0;
  std::size_t calls = 0;
  std::vector<double> milliseconds;
  auto finding = make_finding(rule.rule, run.name_of(function.name), 0.95);
  for (const auto& invocation : run.invocations_of(function.name)) {
    if (invocation.is_cold) continue;
    ++warm;
    const auto count = invocation.count("aws", rule.call);
    if (count == 0) continue;
    ++calling;
    calls += count;
    for (const auto* child : invocation.children)
      if (child->kind == "aws" && child->name == rule.call)
        milliseconds.push_back(static_cast<double>(child->durationMicroseconds) / 1000.0);
    add_trace(finding, invocation.trace);
  }
  if (warm < min_invocations || calling < min_invocations) return;
  if (static_cast<double>(calling) / static_cast<double>(warm) < often) return;
  const double per_invocation = static_cast<double>(calls) / static_cast<double>(warm);
  const double saved = mean(milliseconds) * per_invocation;
  finding.summary = count_text(static_cast<double>(calling)) + " of " + count_text(static_cast<double>(warm)) + " warm invocations " +
                    rule.what + ". " + rule.quota + ", and each call is paid for and waited for.";
  add_fact(finding, "calls per warm invocation", count_text(per_invocation));
  add_fact(finding, "a call takes here (mean, p99)",
           milliseconds_text(mean(milliseconds)) + ", " + milliseconds_text(percentile(milliseconds, 0.99)));
  if (const auto* quota = find_quota(run.recording(), rule.quota_id); quota != nullptr && quota->value && *quota->value > 0) {
    if (quota->rejections > 0) {
      raise(finding, Severity::Critical);
      add_fact(finding, "refused by the quota", count_text(static_cast<double>(quota->rejections)));
    }
    if (quota->rejections > 0 || static_cast<double>(quota->peak) >= near * static_cast<double>(*quota->value))
      finding.limit = NearLimit{
          .name = quota->name, .limit = static_cast<double>(*quota->value), .used = static_cast<double>(quota->peak), .unit = quota->unit};
  }
  finding.cure = rule.cure;
  run.add_code(finding, function.name, {.node = rule.node, .python = rule.python});
  finding.gain.latencyMilliseconds = saved;
  finding.gain.callsPerRequest = per_invocation;
  finding.gain.dollarsPerMillion = 1e6 * per_invocation * price_of(rule.price) +
                                   1e6 * (invocation_dollars(function.memoryMegabytes, saved) - price_of("lambda.request"));
  finding.gain.basis = "the price of the calls, and their measured time as GB-seconds";
  out.push_back(std::move(finding));
}

}  // namespace

void advise_on_calls(const Run& run, Findings& out) {
  for (const auto& function : run.recording().functions) {
    repeated_call(run, function, secret, out);
    repeated_call(run, function, metrics, out);
  }
}

}  // namespace surgetank::windtunnel
