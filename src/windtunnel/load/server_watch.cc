#include "windtunnel/load/server_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/blocking_client.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {
namespace {

constexpr Duration completion_interval = milliseconds(200);
constexpr std::size_t most_samples = 200'000;
constexpr JsonLimits reply_limits{.max_depth = 16, .max_nodes = 2'000'000};

Instant wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::int64_t integer(const JsonValue& object, std::string_view name) {
  const auto* value = object.find(name);
  return value == nullptr ? 0 : value->as_integer().value_or(0);
}

double number(const JsonValue& object, std::string_view name) {
  const auto* value = object.find(name);
  return value == nullptr ? 0 : value->as_double().value_or(0);
}

std::string text(const JsonValue& object, std::string_view name) {
  const auto* value = object.find_string(name);
  return value == nullptr ? std::string() : *value;
}

template <class Row, class Read>
std::vector<Row> rows(const JsonValue& object, std::string_view name, Read read) {
  std::vector<Row> out;
  const auto* list = object.find(name);
  if (list == nullptr || list->as_array() == nullptr) return out;
  for (const auto& row : *list->as_array()) out.push_back(read(row));
  return out;
}

}  // namespace

std::optional<ServerSample> read_gauges(std::string_view json) {
  const auto document = parse_json(json, reply_limits);
  if (!document.ok() || document->find("functions") == nullptr) return std::nullopt;
  ServerSample sample;
  sample.functions = rows<FunctionSample>(*document, "functions", [](const JsonValue& row) {
    return FunctionSample{.name = text(row, "name"),
                          .in_flight = integer(row, "inFlight"),
                          .environments = integer(row, "environments"),
                          .idle = integer(row, "idle"),
                          .cold_starts = integer(row, "coldStarts"),
                          .throttles = integer(row, "throttles")};
  });
  sample.queues = rows<QueueSample>(*document, "queues", [](const JsonValue& row) {
    return QueueSample{.name = text(row, "name"),
                       .visible = integer(row, "visible"),
                       .in_flight = integer(row, "inFlight"),
                       .delayed = integer(row, "delayed"),
                       .oldest_seconds = number(row, "oldestSeconds")};
  });
  sample.databases = rows<DatabaseSample>(*document, "databases", [](const JsonValue& row) {
    return DatabaseSample{
        .name = text(row, "name"), .connections = integer(row, "connections"), .max_connections = integer(row, "maxConnections")};
  });
  if (const auto* concurrency = document->find("concurrency")) {
    sample.concurrency = integer(*concurrency, "inFlight");
    sample.concurrency_limit = integer(*concurrency, "limit");
  }
  return sample;
}

std::vector<QuotaSample> read_quotas(std::string_view json) {
  auto document = parse_json(json, reply_limits);
  if (!document.ok()) return {};
  if (document->is_array()) {
    auto list = std::move(*document);
    *document = JsonValue::object();
    document->set("quotas", std::move(list));
  }
  return rows<QuotaSample>(*document, "quotas", [](const JsonValue& row) {
    return QuotaSample{.id = text(row, "id"),
                       .name = text(row, "name"),
                       .value = number(row, "value"),
                       .now = number(row, "now"),
                       .peak = number(row, "peak"),
                       .rejections = integer(row, "rejections")};
  });
}

ServerWatch::ServerWatch(WatchedServer server) : server_(std::move(server)) {
  read_completions();  // the cursor of what is to come, before the first request
  thread_ = std::thread([this] { work(); });
}

ServerWatch::~ServerWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string ServerWatch::get(std::string_view path) const {
  const auto result = send_blocking({.url = server_.url + std::string(path),
                                     .method = "GET",
                                     .headers = {{"Authorization", "Bearer " + server_.token.reveal()}},
                                     .body = {},
                                     .timeout = seconds(5),
                                     .response_limit = std::size_t{64} << 20});
  return result.failure == HttpClientResult::Failure::None && result.status == 200 ? result.body : std::string();
}

void ServerWatch::work() {
  auto next_sample = wall_now();
  for (;;) {
    read_completions();
    if (const auto now = wall_now(); now >= next_sample) {
      sample();
      next_sample = now + server_.sample_interval;
    }
    std::unique_lock lock(mutex_);
    const auto pause = std::min(completion_interval, server_.sample_interval);
    if (wake_.wait_for(lock, std::chrono::microseconds(pause.us), [this] { return stopping_; })) return;
  }
}

void ServerWatch::read_completions() {
  for (bool more = true; more;) {
    const auto reply =
        parse_json(get(cursor_ ? "/_surgetank/completions?after=" + std::to_string(*cursor_) : "/_surgetank/completions"), reply_limits);
    const auto* list = reply.ok() && reply->find("completions") != nullptr ? reply->find("completions")->as_array() : nullptr;
    if (list == nullptr) return;
    follows_ = true;
    missed_ += static_cast<std::uint64_t>(integer(*reply, "missed"));
    cursor_ = static_cast<std::uint64_t>(integer(*reply, "next"));
    const std::lock_guard lock(mutex_);
    for (const auto& one : *list) {
      const auto* fields = one.as_array();
      if (fields == nullptr || fields->size() != 4 || !(*fields)[0].is_string() || !(*fields)[3].is_string()) continue;
      ended_.push_back({.trace_root = *(*fields)[0].as_string(),
                        .end = {(*fields)[2].as_integer().value_or(0)},
                        .has_failed = *(*fields)[3].as_string() != "done"});
    }
    more = !list->empty();
  }
}

void ServerWatch::sample() {
  auto sample = read_gauges(get("/_surgetank/gauges"));
  if (!sample) return;
  const auto now = wall_now();
  if (has_quotas_) {
    const auto quotas = get("/_surgetank/quotas");
    has_quotas_ = !quotas.empty();
    sample->quotas = read_quotas(quotas);
  }
  const std::lock_guard lock(mutex_);
  // There are hundreds of quotas, of which few are touched; the first sample holds all, as what later ones are compared with.
  if (!samples_.empty()) std::erase_if(sample->quotas, [](const QuotaSample& quota) { return quota.now <= 0 && quota.rejections == 0; });
  if (samples_.size() < most_samples) samples_.emplace_back(now, std::move(*sample));
}

std::vector<WorkEnded> ServerWatch::take_ended() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

std::vector<ServerSample> ServerWatch::samples(Instant begin) const {
  const std::lock_guard lock(mutex_);
  std::vector<ServerSample> out;
  for (const auto& [when, sample] : samples_) {
    out.push_back(sample);
    out.back().second = std::max(0.0, (when - begin).seconds());
  }
  return out;
}

std::optional<ServerSample> ServerWatch::last_sample() const {
  const std::lock_guard lock(mutex_);
  if (samples_.empty()) return std::nullopt;
  return samples_.back().second;
}

}  // namespace surgetank::windtunnel
