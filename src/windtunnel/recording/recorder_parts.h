#pragma once
// Inside of the recorder: calls whose failure is told in words, and the parts that read what happened (recorder.cc reads what is deployed).
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "windtunnel/recording/recorder.h"
#include "wire/json.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {

class ReadingSystem {
 public:
  explicit ReadingSystem(RunningSystem& system) : system_(system) {}

  template <class Reply>
  void rest(const std::string& service, const std::string& path, Reply& reply) {
    read(service + " " + path, ok(service + " " + path, api({.service = service, .method = "GET", .path = path})), *shape_of<Reply>(),
         &reply);
  }
  template <class Reply>
  void json(const std::string& service, const std::string& target, const std::string& body, Reply& reply) {
    read(target, json_text(service, target, body), *shape_of<Reply>(), &reply);
  }
  std::string json_text(const std::string& service, const std::string& target, const std::string& body);
  // The query protocol: XML.
  std::string query(const std::string& service, const std::string& body);
  // nullopt when the service refuses: the operation does not exist there, or there is nothing of that kind.
  std::optional<JsonValue> try_rest(const std::string& service, const std::string& path);
  RunningSystem::Answer admin(std::string_view path) { return system_.admin(path); }
  std::optional<std::string> file(const std::string& path, std::size_t limit) { return system_.file(path, limit); }

 private:
  // Asks again, for some seconds, while the service throttles: quotas hold for the recorder too.
  RunningSystem::Answer api(const RunningSystem::ApiCall& call);
  static std::string ok(const std::string& what, RunningSystem::Answer answer);
  static void read(const std::string& what, const std::string& text, const Shape& shape, void* out);

  RunningSystem& system_;
};

inline constexpr int max_pages = 200;  // of any listing

inline std::string last_part(std::string_view text, char separator) {
  const auto at = text.rfind(separator);
  return std::string(at == std::string_view::npos ? text : text.substr(at + 1));
}

// Names of resources by what they are called in the cloud.
class LogicalIds {
 public:
  explicit LogicalIds(const Recording& recording) {
    for (const auto& from : recording.templates)
      for (const auto& resource : from.resources)
        if (!resource.physicalId.empty()) ids_[{resource.type, resource.physicalId}] = resource.logicalId;
  }
  std::string of(const std::string& type, const std::string& physical_id) const {
    const auto found = ids_.find({type, physical_id});
    return found == ids_.end() ? std::string() : found->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::string> ids_;
};

// recorder_run.cc. Traces come first: they say when the run was.
void record_traces(ReadingSystem& system, std::size_t last, Recording& out);
void record_host(ReadingSystem& system, Recording& out);
void record_quotas(ReadingSystem& system, Recording& out);
void record_metrics(ReadingSystem& system, Recording& out);

// recorder_data.cc. The peaks of databases are those of the metrics.
void record_queues(ReadingSystem& system, const LogicalIds& ids, Recording& out);
void record_databases(ReadingSystem& system, const LogicalIds& ids, Recording& out);
void record_secrets(ReadingSystem& system, Recording& out);

}  // namespace surgetank::windtunnel
