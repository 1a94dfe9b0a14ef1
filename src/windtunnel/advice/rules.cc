#include "windtunnel/advice/rules.h"

#include <array>

namespace surgetank::windtunnel {

std::span<const Rule* const> all_rules() {
  static constexpr std::array all = {&rules::connection_per_invocation,
                                     &rules::database_connections,
                                     &rules::mapping_exceeds_database,
                                     &rules::secret_per_invocation,
                                     &rules::metrics_call_per_invocation,
                                     &rules::concurrency_limit,
                                     &rules::gateway_throttles,
                                     &rules::retry_storm,
                                     &rules::waits_for_function,
                                     &rules::orchestration,
                                     &rules::synchronous_write,
                                     &rules::proxy_only,
                                     &rules::near_gateway_timeout,
                                     &rules::cold_starts,
                                     &rules::small_batches,
                                     &rules::whole_batch_retries,
                                     &rules::short_visibility,
                                     &rules::reserved_below_mapping,
                                     &rules::payload_near_limit,
                                     &rules::compressible,
                                     &rules::large_responses};
  return all;
}

std::string_view severity_name(Severity severity) {
  constexpr std::string_view names[] = {"low", "medium", "high", "critical"};
  return names[static_cast<std::size_t>(severity)];
}

std::optional<Severity> parse_severity(std::string_view name) {
  for (const auto severity : {Severity::Low, Severity::Medium, Severity::High, Severity::Critical})
    if (severity_name(severity) == name) return severity;
  return std::nullopt;
}

}  // namespace surgetank::windtunnel
