#pragma once
// For the advisor's tests: recordings made of a few words. Spans get ids of their own and times one after the other; a request of a route
// is a gateway span with an invocation below. Values only.
#include <string>
#include <vector>

#include "windtunnel/advice/advice.h"

namespace surgetank::windtunnel {

struct TestRun {
  Recording recording;
  Integer now = 1'000'000;
  Integer next_id = 1;

  TestRun() { recording.accountConcurrency = 1000; }

  RecordedFunction& function(const std::string& name) {
    RecordedFunction made{.name = name,
                          .arn = "arn:aws:lambda:us-east-1:000000000000:function:" + name,
                          .logicalId = name,
                          .runtime = "nodejs22.x",
                          .handler = "index.handler",
                          .codeFile = {},
                          .codeLines = {},
                          .importsOwnFiles = {},
                          .memoryMegabytes = 256,
                          .timeoutSeconds = 10,
                          .reservedConcurrency = {},
                          .provisionedConcurrency = 0,
                          .environmentNames = {}};
    recording.functions.push_back(std::move(made));
    return recording.functions.back();
  }
  RecordedRoute& route(const std::string& key, const std::string& function_name) {
    recording.routes.push_back({.api = "api",
                                .routeKey = key,
                                .integrationType = "AWS_PROXY",
                                .function = function_name,
                                .logicalId = {},
                                .throttleRequestsPerSecond = {},
                                .throttleBurstRequests = {}});
    return recording.routes.back();
  }
  RecordedQueue& queue(const std::string& name) {
    recording.queues.push_back({.name = name, .arn = {}, .logicalId = name, .visibilityTimeoutSeconds = 60, .deadLetterQueue = {}});
    return recording.queues.back();
  }
  RecordedMapping& mapping(const std::string& queue_name, const std::string& function_name) {
    recording.mappings.push_back({.uuid = "m-" + queue_name,
                                  .queue = queue_name,
                                  .function = function_name,
                                  .logicalId = {},
                                  .maximumConcurrency = 10,
                                  .reportsBatchItemFailures = true,
                                  .filterPatterns = {}});
    return recording.mappings.back();
  }
  RecordedDatabase& database(Integer maximum, Integer peak) {
    recording.databases.push_back({.identifier = "db",
                                   .logicalId = "Database",
                                   .instanceClass = "db.t4g.micro",
                                   .maximumConnections = maximum,
                                   .peakConnections = peak});
    return recording.databases.back();
  }
  void metric(const std::string& name, const Map<String>& dimensions, double sum, double maximum) {
    recording.metrics.push_back({.nameSpace = "AWS/Lambda",
                                 .name = name,
                                 .dimensions = dimensions,
                                 .unit = "Count",
                                 .samples = 1,
                                 .sum = sum,
                                 .minimum = 0,
                                 .maximum = maximum});
  }

  // --- spans ---

  RecordedTrace& trace() {
    recording.traces.push_back({.root = "1-" + std::to_string(next_id++), .spans = {}});
    return recording.traces.back();
  }
  RecordedSpan& span(RecordedTrace& in, const std::string& kind, const std::string& name, const std::string& parent, Integer microseconds) {
    in.spans.push_back({.id = "s" + std::to_string(next_id++),
                        .parent = parent,
                        .kind = kind,
                        .name = name,
                        .startMicroseconds = now,
                        .durationMicroseconds = microseconds,
                        .status = 0,
                        .fault = {},
                        .attributes = {}});
    now += 10;
    if (recording.startMicroseconds == 0) recording.startMicroseconds = now;
    recording.endMicroseconds = now + microseconds;
    return in.spans.back();
  }
  struct Child {
    std::string kind;
    std::string name;
    Integer microseconds = 1000;
    std::string fault = {};
    Map<String> attributes = {};
  };
  enum class Start : std::uint8_t { Warm, Cold, StartedAhead };
  // One invocation under `parent`; ids of its children follow from the order.
  std::string invoke(RecordedTrace& in, const std::string& name, const std::string& parent, const std::vector<Child>& children,
                     Integer microseconds = 20'000, Start start = Start::Warm) {
    auto& made = span(in, "invoke", name, parent, microseconds);
    made.attributes = {{"request_bytes", "500"}, {"response_bytes", "300"}};
    if (start != Start::Warm) made.attributes["init_microseconds"] = "400000";
    const auto id = made.id;
    for (const auto& child : children) {
      auto& below = span(in, child.kind, child.name, id, child.microseconds);
      below.fault = child.fault;
      below.attributes = child.attributes;
    }
    return id;
  }
  // A request through the gateway; returns its trace.
  RecordedTrace& request(const std::string& key, const std::string& function_name, const std::vector<Child>& children,
                         Integer microseconds = 20'000, Start start = Start::Warm, Integer status = 200) {
    auto& made = trace();
    auto& gateway = span(made, "gateway", key, "", microseconds + 1000);
    gateway.status = status;
    gateway.attributes = {{"api", "api"}, {"request_bytes", "500"}, {"response_bytes", "300"}};
    const auto id = gateway.id;
    if (start != Start::Warm) {
      auto& init = span(made, "init", function_name, id, 400'000);
      if (start == Start::StartedAhead) init.startMicroseconds -= 1'000'000;
    }
    if (!function_name.empty()) invoke(made, function_name, id, children, microseconds, start);
    now += 10'000;
    return made;
  }
  void requests(std::size_t count, const std::string& key, const std::string& function_name, const std::vector<Child>& children) {
    for (std::size_t i = 0; i < count; ++i) request(key, function_name, children);
  }
  void batch(const RecordedMapping& mapping_, Integer messages, const std::string& fault = {}, Integer receives = 1,
             const std::vector<Child>& children = {}) {
    auto& made = trace();
    auto& outer = span(made, "batch", mapping_.queue, "", 21'000);
    outer.fault = fault;
    outer.attributes = {{"mapping", mapping_.uuid}, {"messages", std::to_string(messages)}, {"receives", std::to_string(receives)}};
    const auto id = outer.id;
    invoke(made, mapping_.function, id, children);
    now += 10'000;
  }

  // --- answers ---

  std::vector<Finding> found(const std::string& id) const {
    std::vector<Finding> out;
    for (auto& finding : advise(recording).findings)
      if (finding.id == id) out.push_back(std::move(finding));
    return out;
  }
  // "ST-101 create, ST-303 POST /orders"
  std::string all() const {
    std::string out;
    for (const auto& finding : advise(recording).findings) out += (out.empty() ? "" : ", ") + finding.id + " " + finding.resource;
    return out;
  }
};

}  // namespace surgetank::windtunnel
