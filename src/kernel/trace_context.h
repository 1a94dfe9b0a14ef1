#pragma once
// The X-Amzn-Trace-Id of one request: who belongs together. Pure values.
// Form (../aws facts, "Trace header"): Root=1-<8 hex epoch>-<24 hex>;Parent=<16 hex>;Sampled=0|1[;Lineage=...]
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/time.h"

namespace surgetank {

struct TraceContext {
  std::string root;     // "1-5759e988-bd862e3fe1be46a994272793"
  std::string parent;   // span id of the caller, 16 hex digits; empty at the edge
  std::string lineage;  // passed through as received
  std::string sampled = "0";  // empty: the trace began in this server; nobody sent a header
};

// Reads a header; parts it does not know are dropped. nullopt if there is no valid Root.
std::optional<TraceContext> parse_trace_header(std::string_view header);
std::string trace_header(const TraceContext& trace);
TraceContext new_trace(Instant now, Random& random);
std::string new_span_id(Random& random);

}  // namespace surgetank
