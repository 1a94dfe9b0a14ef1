#include "kernel/trace_context.h"

#include <cstdio>

#include "base/text.h"

namespace surgetank {
namespace {

bool is_hex(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool valid_root(std::string_view root) {
  return root.size() == 35 && root.substr(0, 2) == "1-" && root[10] == '-' && is_hex(root.substr(2, 8), 8) && is_hex(root.substr(11), 24);
}

}  // namespace

std::optional<TraceContext> parse_trace_header(std::string_view header) {
  constexpr std::size_t longest_lineage = 128;
  if (header.size() > 1024) return std::nullopt;
  TraceContext trace;
  for (const auto part : split(header, ';')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const auto name = trim(part.substr(0, equals));
    const auto value = trim(part.substr(equals + 1));
    if (name == "Root" && valid_root(value)) trace.root = value;
    if (name == "Parent" && is_hex(value, 16)) trace.parent = value;
    if (name == "Sampled" && (value == "0" || value == "1" || value == "?")) trace.sampled = value;
    if (name == "Lineage" && value.size() <= longest_lineage) trace.lineage = value;
  }
  if (trace.root.empty()) return std::nullopt;
  return trace;
}

std::string trace_header(const TraceContext& trace) {
  std::string out = "Root=" + trace.root;
  if (!trace.parent.empty()) out += ";Parent=" + trace.parent;
  out += ";Sampled=" + (trace.sampled.empty() ? std::string("0") : trace.sampled);
  if (!trace.lineage.empty()) out += ";Lineage=" + trace.lineage;
  return out;
}

TraceContext new_trace(Instant now, Random& random) {
  char epoch[16];
  std::snprintf(epoch, sizeof epoch, "%08llx", static_cast<unsigned long long>(now.epoch_seconds()) & 0xffffffffULL);
  return {.root = std::string("1-") + epoch + "-" + random.hex(24), .parent = {}, .lineage = {}, .sampled = {}};
}

std::string new_span_id(Random& random) { return random.hex(16); }

}  // namespace surgetank
