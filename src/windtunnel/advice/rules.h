#pragma once
// Every pitfall the advisor knows, in the order of their ids. Each has a page under docs/findings/ (a test compares the two), which
// gives the thresholds in words; the constants stand beside the rule's code. Constant data.
#include <span>

#include "windtunnel/advice/finding.h"

namespace surgetank::windtunnel {

namespace rules {
inline constexpr Rule connection_per_invocation{"ST-101", "connection-per-invocation", "A database connection for each invocation",
                                                Severity::High};
inline constexpr Rule database_connections{"ST-102", "database-connections", "Database connections near their maximum", Severity::High};
inline constexpr Rule mapping_exceeds_database{"ST-103", "mapping-exceeds-database",
                                               "More batches at once than the database has connections", Severity::High};
inline constexpr Rule secret_per_invocation{"ST-111", "secret-per-invocation", "A secret read with each invocation", Severity::High};
inline constexpr Rule metrics_call_per_invocation{"ST-112", "metrics-call-per-invocation", "A metrics call with each invocation",
                                                  Severity::High};
inline constexpr Rule concurrency_limit{"ST-201", "concurrency-limit", "Concurrency at its limit", Severity::High};
inline constexpr Rule gateway_throttles{"ST-202", "gateway-throttles", "API Gateway throttles requests", Severity::Critical};
inline constexpr Rule retry_storm{"ST-203", "retry-storm", "Retries make a good part of the load", Severity::High};
inline constexpr Rule waits_for_function{"ST-301", "waits-for-function", "A function waits for a function", Severity::Medium};
inline constexpr Rule orchestration{"ST-302", "orchestration-in-function", "Orchestration inside a function", Severity::Medium};
inline constexpr Rule synchronous_write{"ST-303", "synchronous-write", "A write that could be accepted and done later", Severity::Low};
inline constexpr Rule proxy_only{"ST-304", "proxy-only-function", "A function that only passes requests on", Severity::Low};
inline constexpr Rule near_gateway_timeout{"ST-305", "near-gateway-timeout", "Answers come close to the gateway's timeout", Severity::High};
inline constexpr Rule cold_starts{"ST-306", "cold-starts", "Cold starts make the slowest requests", Severity::Medium};
inline constexpr Rule small_batches{"ST-401", "small-batches", "Batches of one or few messages", Severity::Medium};
inline constexpr Rule whole_batch_retries{"ST-402", "whole-batch-retries", "Whole batches come again because of one message",
                                          Severity::High};
inline constexpr Rule short_visibility{"ST-403", "short-visibility-timeout", "Visibility timeout below six times the function's timeout",
                                       Severity::Medium};
inline constexpr Rule reserved_below_mapping{"ST-404", "reserved-below-mapping", "Less reserved concurrency than the mapping uses",
                                             Severity::High};
inline constexpr Rule payload_near_limit{"ST-501", "payload-near-limit", "Payloads near their limit", Severity::High};
inline constexpr Rule compressible{"ST-502", "compressible-payloads", "Large payloads that would shrink when packed", Severity::Low};
inline constexpr Rule large_responses{"ST-503", "large-responses", "Large answers through the function", Severity::Medium};
}  // namespace rules

std::span<const Rule* const> all_rules();

}  // namespace surgetank::windtunnel
