// Database connections: one for each invocation, near the maximum, or more asked for than there are.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr double often = 0.5;  // of the warm invocations open a connection
constexpr double near = 0.8;   // of the maximum
constexpr double very_near = 0.95;
constexpr Integer reserved_by_rds = 3;  // superuser_reserved_connections of PostgreSQL
constexpr Integer account_default = 1000;

// A warm invocation that connects is one that could have kept the connection of the invocation before it.
void connection_per_invocation(const Run& run, const RecordedFunction& function, Findings& out) {
  std::size_t warm = 0;
  std::size_t connecting = 0;
  std::size_t connects = 0;
  std::vector<double> milliseconds;
  Finding finding = make_finding(rules::connection_per_invocation, run.name_of(function.name), 0.95);
  for (const auto& invocation : run.invocations_of(function.name)) {
    if (invocation.is_cold) continue;
    ++warm;
    const auto count = invocation.count("db-connect");
    if (count == 0) continue;
    ++connecting;
    connects += count;
    milliseconds.push_back(invocation.milliseconds("db-connect"));
    add_trace(finding, invocation.trace);
  }
  if (warm < min_invocations || connecting < min_invocations) return;
  const double share = static_cast<double>(connecting) / static_cast<double>(warm);
  if (share < often) return;
  const double saved = mean(milliseconds) * share;
  const double rate = static_cast<double>(connects) / run.seconds();
  finding.summary = count_text(static_cast<double>(connecting)) + " of " + count_text(static_cast<double>(warm)) +
                    " warm invocations opened a new database connection (" + milliseconds_text(mean(milliseconds)) +
                    " each here, more with TLS and a network between). The database forks a process for each of them.";
  add_fact(finding, "connections per warm invocation", count_text(static_cast<double>(connects) / static_cast<double>(warm)));
  add_fact(finding, "new connections a second", count_text(std::round(rate * 10) / 10));
  add_fact(finding, "connecting takes (mean, p99)",
           milliseconds_text(mean(milliseconds)) + ", " + milliseconds_text(percentile(milliseconds, 0.99)));
  finding.cure =
      "Make the connection outside of the handler, on first use, and keep it for the life of the environment; make it anew when it broke. "
      "Bound the number of environments (reserved concurrency, MaximumConcurrency) to what the database can serve; where functions must "
      "scale beyond it, put RDS Proxy or a queue between.";
  run.add_code(finding, function.name,
               {.node = "let connection;  // outside of the handler\n// in it: if (!connection) connection = await connect();",
                .python = "_connection = None  # outside of the handler\n# in it: if _connection is None: _connection = connect()"});
  finding.gain.latencyMilliseconds = saved;
  finding.gain.callsPerRequest = static_cast<double>(connects) / static_cast<double>(warm);
  finding.gain.dollarsPerMillion = 1e6 * (invocation_dollars(function.memoryMegabytes, saved) - price_of("lambda.request"));
  finding.gain.basis = "measured time of connecting in warm invocations, as GB-seconds";
  out.push_back(std::move(finding));
}

std::size_t refused_connections(const Run& run, const RecordedDatabase& database, Finding& finding) {
  std::size_t refused = 0;
  for (const auto& trace : run.recording().traces)
    for (const auto& span : trace.spans)
      if (span.kind == "db-connect" && attribute_of(span, "instance") == database.identifier && span.fault.starts_with("53300")) {
        ++refused;
        add_trace(finding, &trace);
      }
  return refused;
}

void database_connections(const Run& run, const RecordedDatabase& database, Findings& out) {
  if (database.maximumConnections <= 0) return;
  auto finding = make_finding(rules::database_connections, Run::name_of(database), 0.95);
  const auto refused = refused_connections(run, database, finding);
  const double share = static_cast<double>(database.peakConnections) / static_cast<double>(database.maximumConnections);
  if (share < near && refused == 0) return;
  if (refused > 0) {
    raise(finding, Severity::Critical);
  }
  finding.summary = "At its peak the database had " + count_text(static_cast<double>(database.peakConnections)) + " of at most " +
                    count_text(static_cast<double>(database.maximumConnections)) + " connections (" + database.instanceClass + ")" +
                    (refused > 0 ? "; it refused " + count_text(static_cast<double>(refused)) + "." : ". What comes above is refused.");
  if (refused == 0 && share >= very_near) finding.confidence = 0.98;
  add_fact(finding, "peak connections", count_text(static_cast<double>(database.peakConnections)));
  add_fact(finding, "refused (53300 too many clients)", count_text(static_cast<double>(refused)));
  finding.limit = NearLimit{.name = "max_connections of " + database.instanceClass,
                            .limit = static_cast<double>(database.maximumConnections),
                            .used = static_cast<double>(database.peakConnections),
                            .unit = "connections"};
  finding.cure =
      "Fewer connections first: one for each environment (ST-101), and fewer environments (MaximumConcurrency of the mapping, reserved "
      "concurrency of the functions). Then RDS Proxy, or a larger class: max_connections grows with its memory.";
  run.add_change(finding, database.logicalId, "DBInstanceClass", "");
  finding.gain.connections =
      std::max(0.0, static_cast<double>(database.peakConnections) - near / 2 * static_cast<double>(database.maximumConnections));
  finding.gain.basis = "to come down to 40 % of the maximum";
  out.push_back(std::move(finding));
}

// The databases that a function was seen to use.
std::set<std::string> databases_of(const Run& run, const std::string& function) {
  std::set<std::string> used;
  for (const auto& invocation : run.invocations_of(function))
    for (const auto* child : invocation.children)
      if (child->kind == "db-connect" || child->kind == "db-statement") used.insert(std::string(attribute_of(*child, "instance")));
  return used;
}

// How many batches of a mapping may run at once, and whether somebody chose that.
Integer batches_at_once(const Run& run, const RecordedMapping& mapping) {
  const auto* function = find_function(run.recording(), mapping.function);
  Integer most = run.recording().accountConcurrency > 0 ? run.recording().accountConcurrency : account_default;
  if (function != nullptr && function->reservedConcurrency) most = std::min(most, *function->reservedConcurrency);
  return mapping.maximumConcurrency ? std::min(most, *mapping.maximumConcurrency) : most;
}

void mapping_exceeds_database(const Run& run, const RecordedDatabase& database, Findings& out) {
  if (database.maximumConnections <= 0) return;
  const Integer usable = database.maximumConnections - reserved_by_rds;
  for (const auto& mapping : run.recording().mappings) {
    if (!mapping.enabled || !databases_of(run, mapping.function).contains(database.identifier)) continue;
    const auto at_once = batches_at_once(run, mapping);
    if (at_once <= usable) continue;
    auto finding = make_finding(rules::mapping_exceeds_database, run.name_of(mapping), mapping.maximumConcurrency ? 0.9 : 0.8);
    const bool chosen = mapping.maximumConcurrency.has_value();
    finding.summary = std::string(chosen ? "The mapping may run " : "The mapping has no MaximumConcurrency: a backlog lets it run ") +
                      count_text(static_cast<double>(at_once)) + " batches at once, each with a connection of " + Run::name_of(database) +
                      ", which accepts " + count_text(static_cast<double>(database.maximumConnections)) + ".";
    add_fact(finding, "batches at once", count_text(static_cast<double>(at_once)) + (chosen ? "" : " (no MaximumConcurrency)"));
    finding.limit = NearLimit{.name = "max_connections of " + database.instanceClass,
                              .limit = static_cast<double>(database.maximumConnections),
                              .used = static_cast<double>(at_once),
                              .unit = "connections"};
    const auto wanted = std::max<Integer>(2, usable / 2);
    finding.cure = "Set MaximumConcurrency of the mapping to what the database can spare, for instance " + std::to_string(wanted) +
                   ": the queue holds the rest, and nothing is refused.";
    run.add_change(finding, mapping.logicalId, chosen ? "ScalingConfig.MaximumConcurrency" : "",
                   "ScalingConfig:\n  MaximumConcurrency: " + std::to_string(wanted));
    finding.gain.connections = static_cast<double>(at_once - wanted);
    finding.gain.basis = "connections that a backlog would ask for";
    out.push_back(std::move(finding));
  }
}

}  // namespace

void advise_on_connections(const Run& run, Findings& out) {
  for (const auto& function : run.recording().functions) connection_per_invocation(run, function, out);
  for (const auto& database : run.recording().databases) {
    database_connections(run, database, out);
    mapping_exceeds_database(run, database, out);
  }
}

}  // namespace surgetank::windtunnel
