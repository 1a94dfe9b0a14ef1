// The size of what travels: near a limit, larger than it need be, or better fetched from elsewhere.
#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "windtunnel/advice/run.h"
#include "windtunnel/recording/prices.h"

namespace surgetank::windtunnel {
namespace {

constexpr double near_share = 0.8;
constexpr std::size_t min_near = 3;
constexpr double lambda_payload_bytes = 6'291'456;  // request and buffered response
constexpr double gateway_payload_bytes = 10.0 * 1024 * 1024;
constexpr double message_chunk_bytes = 64.0 * 1024;  // SQS is paid for in these
constexpr double packs_well_bits = 5.6;              // bits a byte; base64 of what is packed already has 6
constexpr double packed_share = 0.35;                // what gzip and base64 leave of JSON, cautiously
constexpr std::size_t min_large = 10;
constexpr double large_response_bytes = 1024.0 * 1024;
constexpr double large_share = 0.01;
constexpr double compress_response_bytes = 100.0 * 1024;

struct SizesSeen {
  std::size_t near = 0;
  double largest = 0;
  std::vector<const RecordedTrace*> traces;
  void add(double bytes, double limit, const RecordedTrace* trace) {
    largest = std::max(largest, bytes);
    if (bytes < near_share * limit) return;
    ++near;
    traces.push_back(trace);
  }
};

void report_near(const Run& run, const std::string& resource, const std::string& what, double limit, const SizesSeen& seen,
                 const std::string& logical_id, Findings& out) {
  if (seen.near < min_near) return;
  auto finding = make_finding(rules::payload_near_limit, resource, 0.9);
  finding.summary = what + " of " + resource + " reached " + bytes_text(seen.largest) + "; " + bytes_text(limit) +
                    " is the limit, beyond which they are refused. " + count_text(static_cast<double>(seen.near)) +
                    " came nearer than 80 %.";
  finding.limit = NearLimit{.name = what, .limit = limit, .used = seen.largest, .unit = "bytes"};
  for (const auto* trace : seen.traces) add_trace(finding, trace);
  finding.cure =
      "Put the data into S3 and hand on its key (claim check); let clients up- and download through pre-signed links. Packing (gzip) buys "
      "time where it "
      "is text.";
  run.add_change(finding, logical_id, "", "");
  out.push_back(std::move(finding));
}

void near_limits(const Run& run, Findings& out) {
  for (const auto& [function, invocations] : run.invocations()) {
    SizesSeen requests;
    SizesSeen responses;
    for (const auto& invocation : invocations) {
      requests.add(static_cast<double>(integer_attribute(*invocation.span, "request_bytes")), lambda_payload_bytes, invocation.trace);
      responses.add(static_cast<double>(integer_attribute(*invocation.span, "response_bytes")), lambda_payload_bytes, invocation.trace);
    }
    const auto* known = find_function(run.recording(), function);
    const auto id = known == nullptr ? std::string() : known->logicalId;
    report_near(run, run.name_of(function), "event payloads", lambda_payload_bytes, requests, id, out);
    report_near(run, run.name_of(function), "answers", lambda_payload_bytes, responses, id, out);
  }
  for (const auto& [key, route] : run.routes()) {
    SizesSeen requests;
    for (const auto& request : route.requests)
      requests.add(static_cast<double>(integer_attribute(*request.span, "request_bytes")), gateway_payload_bytes, request.trace);
    report_near(run, key.second, "request bodies", gateway_payload_bytes, requests, route.route == nullptr ? "" : route.route->logicalId,
                out);
  }
}

// Messages that are paid for in several pieces and would fit into fewer.
void compressible_messages(const Run& run, const std::string& function, const std::deque<InvocationSeen>& invocations, Findings& out) {
  std::vector<double> sizes;
  double chunks = 0;
  double packed_chunks = 0;
  auto finding = make_finding(rules::compressible, run.name_of(function), 0.7);
  for (const auto& invocation : invocations) {
    for (const auto* child : invocation.children) {
      if (child->kind != "aws" || !child->name.starts_with("SQS.SendMessage")) continue;
      const auto bytes = static_cast<double>(integer_attribute(*child, "request_bytes"));
      const auto bits = parse_double(attribute_of(*child, "request_bits_per_byte"));
      if (bytes <= message_chunk_bytes || !bits || *bits > packs_well_bits) continue;
      sizes.push_back(bytes);
      chunks += std::ceil(bytes / message_chunk_bytes);
      packed_chunks += std::ceil(bytes * packed_share / message_chunk_bytes);
      add_trace(finding, invocation.trace);
    }
  }
  if (sizes.size() < min_large || packed_chunks >= chunks) return;
  const auto count = static_cast<double>(sizes.size());
  finding.summary = count_text(count) + " messages of " + run.name_of(function) + " had more than 64 KiB of plain text (" +
                    bytes_text(mean(sizes)) + " on average): SQS charges each 64 KiB as a request, and the queue takes 1 MiB at most.";
  add_fact(finding, "pieces of 64 KiB a message",
           count_text(chunks / count) + " now, about " + count_text(packed_chunks / count) + " packed");
  finding.cure =
      "Pack the body with gzip above 64 KiB and mark it with a message attribute, as examples/orders-async does; the consumer looks at it.";
  run.add_code(
      finding, function,
      {.node = "MessageBody: gzipSync(text).toString(\"base64\")", .python = "MessageBody=base64.b64encode(gzip.compress(text)).decode()"});
  finding.gain.dollarsPerMillion = 1e6 * 3 * (chunks - packed_chunks) / count * price_of("sqs.request");
  finding.gain.basis = "pieces saved in sending, receiving and deleting, if packing leaves 35 %";
  out.push_back(std::move(finding));
}

void responses(const Run& run, const RouteSeen& route, Findings& out) {
  std::vector<double> large;
  std::vector<double> plain;
  auto link = make_finding(rules::large_responses, route.route->routeKey, 0.75);
  auto pack = make_finding(rules::compressible, route.route->routeKey, 0.6);
  for (const auto& request : route.requests) {
    const auto bytes = static_cast<double>(integer_attribute(*request.span, "response_bytes"));
    const auto bits = parse_double(attribute_of(*request.span, "response_bits_per_byte"));
    if (bytes >= large_response_bytes) {
      large.push_back(bytes);
      add_trace(link, request.trace);
    }
    if (bytes >= compress_response_bytes && bits && *bits <= packs_well_bits) {
      plain.push_back(bytes);
      add_trace(pack, request.trace);
    }
  }
  const auto all = static_cast<double>(route.requests.size());
  if (large.size() >= min_near && static_cast<double>(large.size()) >= large_share * all) {
    link.summary = count_text(static_cast<double>(large.size())) + " of " + count_text(all) + " answers of " + route.route->routeKey +
                   " had " + bytes_text(large_response_bytes) + " or more (" + bytes_text(mean(large)) +
                   " on average): the function holds them in memory and is paid for while they pass, and 6 MiB is the end.";
    link.limit = NearLimit{.name = "answers of a function", .limit = lambda_payload_bytes, .used = percentile(large, 1), .unit = "bytes"};
    link.cure = "Keep the object in S3 and answer a pre-signed link (or 303 with it); the client fetches it without a function between.";
    run.add_change(link, route.route->logicalId, "", "");
    run.add_code(link, route.route->function, {});
    out.push_back(std::move(link));
    return;
  }
  if (plain.size() < min_large || static_cast<double>(plain.size()) < large_share * all) return;
  pack.summary = count_text(static_cast<double>(plain.size())) + " of " + count_text(all) + " answers of " + route.route->routeKey +
                 " were plain text of " + bytes_text(compress_response_bytes) + " or more (" + bytes_text(mean(plain)) +
                 " on average); an HTTP API does not pack them.";
  pack.cure = "Pack the body when the client accepts gzip (content-encoding: gzip, isBase64Encoded: true), or give pages of a list.";
  run.add_code(pack, route.route->function, {});
  pack.gain.basis = "about a third of the bytes is left";
  out.push_back(std::move(pack));
}

}  // namespace

void advise_on_payloads(const Run& run, Findings& out) {
  near_limits(run, out);
  for (const auto& [function, invocations] : run.invocations()) compressible_messages(run, function, invocations, out);
  for (const auto& [key, route] : run.routes())
    if (route.route != nullptr) responses(run, route, out);
}

}  // namespace surgetank::windtunnel
