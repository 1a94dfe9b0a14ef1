#include "app/host_usage.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unordered_map>

#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank {
namespace {

constexpr auto period = std::chrono::seconds(2);
constexpr std::size_t most_samples = 1'800;

struct ProcessTime {
  pid_t parent = 0;
  std::int64_t ticks = 0;  // its own, and those of children that have ended
};

Instant wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::optional<ProcessTime> read_process(const char* pid) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return std::nullopt;
  char text[1024];
  const auto size = std::fread(text, 1, sizeof text - 1, file);
  std::fclose(file);
  text[size] = '\0';
  const char* rest = std::strrchr(text, ')');  // the name before it may hold anything
  if (rest == nullptr) return std::nullopt;
  int parent = 0;
  long long user = 0;
  long long system = 0;
  long long children_user = 0;
  long long children_system = 0;
  const int read = std::sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld", &parent, &user, &system,
                               &children_user, &children_system);
  if (read != 5) return std::nullopt;
  return ProcessTime{parent, user + system + children_user + children_system};
}

// This process and all below it.
Duration busy_so_far() {
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return {};
  std::unordered_map<pid_t, ProcessTime> processes;
  while (const auto* entry = ::readdir(directory)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    if (const auto time = read_process(entry->d_name)) processes.emplace(static_cast<pid_t>(std::atoi(entry->d_name)), *time);
  }
  ::closedir(directory);
  std::unordered_map<pid_t, bool> is_ours{{::getpid(), true}, {0, false}, {1, false}};
  std::int64_t ticks = 0;
  for (const auto& [pid, time] : processes) {
    std::vector<pid_t> path;
    pid_t at = pid;
    while (!is_ours.contains(at)) {
      path.push_back(at);
      const auto found = processes.find(at);
      at = found == processes.end() || path.size() > processes.size() ? 0 : found->second.parent;
    }
    const bool ours = is_ours[at];
    for (const auto one : path) is_ours[one] = ours;
    if (ours) ticks += time.ticks;
  }
  return microseconds(ticks * 1'000'000 / std::max<long>(1, ::sysconf(_SC_CLK_TCK)));
}

std::optional<std::int64_t> parameter(std::string_view query, std::string_view name) {
  for (const auto part : split(query, '&'))
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == '=') return parse_integer(part.substr(name.size() + 1));
  return std::nullopt;
}

}  // namespace

HostUsage::HostUsage() : thread_([this] { run(); }) {}

HostUsage::~HostUsage() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void HostUsage::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    take_sample();
    lock.lock();
    stopped_.wait_for(lock, period, [this] { return is_stopping_; });
  }
}

void HostUsage::take_sample() {
  const Sample sample{wall_now(), busy_so_far()};
  const std::lock_guard lock(mutex_);
  // A process that ended unseen takes its time with it: the sum never steps back.
  samples_.push_back({sample.at, samples_.empty() ? sample.busy : std::max(sample.busy, samples_.back().busy)});
  if (samples_.size() > most_samples) samples_.pop_front();
}

std::optional<Duration> HostUsage::busy_between(Instant from, Instant to) {
  take_sample();
  const std::lock_guard lock(mutex_);
  const auto busy_at = [&](Instant when) -> std::optional<double> {
    const auto after = std::find_if(samples_.begin(), samples_.end(), [&](const Sample& sample) { return when <= sample.at; });
    if (after == samples_.end() || after == samples_.begin()) return std::nullopt;
    const auto& before = *std::prev(after);
    const auto share = (when - before.at).seconds() / std::max(1e-6, (after->at - before.at).seconds());
    return static_cast<double>(before.busy.us) + share * static_cast<double>(after->busy.us - before.busy.us);
  };
  const auto first = busy_at(from);
  const auto last = busy_at(to);
  if (!first || !last) return std::nullopt;
  return microseconds(static_cast<std::int64_t>(*last - *first));
}

std::vector<AdminRoute> host_routes(HostUsage& usage, std::int64_t function_processes) {
  return {
      {.method = "GET", .path = "/_surgetank/host", .handler = [&usage, function_processes](const HttpRequest& request, HttpReply reply) {
         const auto from = parameter(request.query, "from");
         const auto to = parameter(request.query, "to");
         std::string body;
         JsonWriter json(body);
         json.begin_object().key("processors").integer(std::max<long>(1, ::sysconf(_SC_NPROCESSORS_ONLN)));
         json.key("functionProcesses").integer(function_processes);
         const auto busy = from && to ? usage.busy_between({*from}, {*to}) : std::nullopt;
         if (busy) json.key("busyMicroseconds").integer(busy->us);
         json.end_object();
         reply({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)});
       }}};
}

}  // namespace surgetank
