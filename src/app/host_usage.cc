#include "app/host_usage.h"

#include <dirent.h>
#include <sys/resource.h>
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
  bool is_database = false;
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
  const char* name = std::strchr(text, '(');
  const char* rest = std::strrchr(text, ')');  // the name before it may hold anything
  if (name == nullptr || rest == nullptr) return std::nullopt;
  int parent = 0;
  long long user = 0;
  long long system = 0;
  long long children_user = 0;
  long long children_system = 0;
  const int read = std::sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld", &parent, &user, &system,
                               &children_user, &children_system);
  if (read != 5) return std::nullopt;
  return ProcessTime{parent, user + system + children_user + children_system, std::string_view(name, rest).starts_with("(postgres")};
}

// This process alone, finer than in ticks.
Duration own_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return microseconds(of(usage.ru_utime) + of(usage.ru_stime));
}

Duration of_ticks(std::int64_t ticks) { return microseconds(ticks * 1'000'000 / std::max<long>(1, ::sysconf(_SC_CLK_TCK))); }

std::unordered_map<pid_t, ProcessTime> all_processes() {
  std::unordered_map<pid_t, ProcessTime> processes;
  DIR* directory = ::opendir("/proc");
  if (directory == nullptr) return processes;
  while (const auto* entry = ::readdir(directory)) {
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    if (const auto time = read_process(entry->d_name)) processes.emplace(static_cast<pid_t>(std::atoi(entry->d_name)), *time);
  }
  ::closedir(directory);
  return processes;
}

// What started a process: nobody of ours, the server, or one of its databases.
enum class Kin : std::uint8_t { Stranger, Function, Database };

ProcessorUse use_so_far() {
  const auto processes = all_processes();
  const pid_t server = ::getpid();
  std::unordered_map<pid_t, Kin> kin{{server, Kin::Function}, {0, Kin::Stranger}, {1, Kin::Stranger}};
  std::int64_t functions = 0;
  std::int64_t databases = 0;
  for (const auto& [pid, time] : processes) {
    std::vector<pid_t> path;
    pid_t at = pid;
    while (!kin.contains(at)) {
      path.push_back(at);
      const auto found = processes.find(at);
      at = found == processes.end() || path.size() > processes.size() ? 0 : found->second.parent;
    }
    Kin known = kin[at];
    for (auto one = path.rbegin(); one != path.rend(); ++one) {
      const auto found = processes.find(*one);
      if (known == Kin::Function && found != processes.end() && found->second.is_database) known = Kin::Database;
      kin[*one] = known;
    }
    if (pid == server) continue;
    if (known == Kin::Function) functions += time.ticks;
    if (known == Kin::Database) databases += time.ticks;
  }
  return {.server = own_time(), .databases = of_ticks(databases), .functions = of_ticks(functions)};
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
  Sample sample{wall_now(), use_so_far()};
  const std::lock_guard lock(mutex_);
  if (!samples_.empty()) {  // a process that ended unseen takes its time with it: no sum steps back
    const auto& before = samples_.back().use;
    sample.use.databases = std::max(sample.use.databases, before.databases);
    sample.use.functions = std::max(sample.use.functions, before.functions);
  }
  samples_.push_back(sample);
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
    return static_cast<double>(before.use.all().us) + share * static_cast<double>(after->use.all().us - before.use.all().us);
  };
  const auto first = busy_at(from);
  const auto last = busy_at(to);
  if (!first || !last) return std::nullopt;
  return microseconds(static_cast<std::int64_t>(*last - *first));
}

std::vector<HostUsage::Sample> HostUsage::samples_between(Instant from, Instant to) {
  take_sample();
  const std::lock_guard lock(mutex_);
  std::vector<Sample> found;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const bool begins_later = i + 1 == samples_.size() || from < samples_[i + 1].at;
    const bool begins_earlier = i == 0 || samples_[i - 1].at < to;
    if (begins_later && begins_earlier) found.push_back(samples_[i]);
  }
  return found;
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
         if (busy) {
           json.key("busyMicroseconds").integer(busy->us).key("samples").begin_array();
           for (const auto& sample : usage.samples_between({*from}, {*to})) {
             json.begin_object().key("atMicroseconds").integer(sample.at.us);
             json.key("serverMicroseconds").integer(sample.use.server.us).key("databaseMicroseconds").integer(sample.use.databases.us);
             json.key("functionMicroseconds").integer(sample.use.functions.us).end_object();
           }
           json.end_array();
         }
         json.end_object();
         reply({.status = 200, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)});
       }}};
}

}  // namespace surgetank
