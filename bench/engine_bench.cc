// Warm invocations through the function engine alone: no HTTP front, no storage. A closed loop of as many invocations as environments.
//
//   engine_bench [environments] [seconds] [pipelined|separate|tcp|bare] [sandbox: 0 everything, 1 host files, 2 host processes]
//
// bare is the ceiling: the same pipelined function processes, unsandboxed, on a loop of epoll, recv and send that knows nothing.
//
// The program is three things: the benchmark, the launcher of its engine (--launcher), and the function: copied to a package as
// `bootstrap` it answers every event with 1 KB, over the unix socket with the request for the next event in the same write
// (pipelined), in two writes as AWS's clients do (separate), or that over TCP (tcp).
// Prints rate, median and 99th percentile, processor time of the lane's thread per invocation.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/function_engine.h"
#include "engine/launcher_process.h"

namespace {

using namespace surgetank;

// ---- the function ----

int connect_to_engine(bool tcp) {
  if (!tcp) {
    const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, ::getenv("SURGETANK_RUNTIME_SOCKET"), sizeof address.sun_path - 1);
    return ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? socket : -1;
  }
  const std::string api = ::getenv("AWS_LAMBDA_RUNTIME_API");
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(api.c_str() + api.find(':') + 1)));
  return ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? socket : -1;
}

// Reads one reply; the value of a header comes back in `id`.
bool read_reply(int socket, std::string& buffer, std::string& id) {
  while (true) {
    const auto head = buffer.find("\r\n\r\n");
    if (head != std::string::npos) {
      const auto length = buffer.find("Content-Length: ");
      const auto size = static_cast<std::size_t>(std::atoi(buffer.c_str() + length + 16));
      if (buffer.size() >= head + 4 + size) {
        const auto at = buffer.find("Lambda-Runtime-Aws-Request-Id: ");
        id = at < head ? buffer.substr(at + 31, buffer.find('\r', at) - at - 31) : "";
        buffer.erase(0, head + 4 + size);
        return true;
      }
    }
    char bytes[16384];
    static const bool polls = ::getenv("BENCH_POLL") != nullptr;
    pollfd ready{socket, POLLIN, 0};
    if (polls) ::poll(&ready, 1, -1);
    const auto count = ::read(socket, bytes, sizeof bytes);
    if (count <= 0) return false;
    buffer.append(bytes, static_cast<std::size_t>(count));
  }
}

int run_function() {
  const char* const mode = ::getenv("BENCH_MODE");
  const bool pipelined = mode == nullptr || std::strcmp(mode, "pipelined") == 0;
  const int socket = connect_to_engine(mode != nullptr && std::strcmp(mode, "tcp") == 0);
  const std::string next = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string body(1024, 'r');
  std::string buffer;
  std::string id;
  const auto send = [socket](const std::string& bytes) { return ::write(socket, bytes.data(), bytes.size()) > 0; };
  send(next);
  while (read_reply(socket, buffer, id)) {
    if (id.empty()) continue;
    std::string answer = "POST /2018-06-01/runtime/invocation/" + id +
                         "/response HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1024\r\n\r\n" + body;
    if (pipelined) {
      send(answer + next);
    } else {
      std::string nothing;
      send(answer);
      if (!read_reply(socket, buffer, nothing)) break;
      send(next);
    }
  }
  return 0;
}

// ---- the benchmark ----

class Silence final : public Telemetry {
 public:
  void span(Span) override {}
  void metric(MetricSample) override {}
  void log(LogBatch) override {}
};

double thread_cpu_us();

// ---- the ceiling ----

int run_bare(int environments, double seconds) {
  const std::string path = "/tmp/surge-bare-" + std::to_string(::getpid());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 64) != 0) return 1;
  ::setenv("SURGETANK_RUNTIME_SOCKET", path.c_str(), 1);
  std::vector<pid_t> functions;
  for (int i = 0; i < environments; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(run_function());
    functions.push_back(child);
  }
  const int poll = ::epoll_create1(0);
  for (int i = 0; i < environments; ++i) {
    const int socket = ::accept(listener, nullptr, nullptr);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
  }
  const std::string event_bytes =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-000000000001\r\n"
      "Content-Length: 1024\r\n\r\n" +
      std::string(1024, 'e');
  const std::string both = "HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n" + event_bytes;
  std::vector<bool> started(1024);
  std::int64_t count = 0;
  const double cpu = thread_cpu_us();
  const auto begin = std::chrono::steady_clock::now();
  const auto end = begin + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    epoll_event events[64];
    const int ready = ::epoll_wait(poll, events, 64, 100);
    for (int i = 0; i < ready; ++i) {
      const int socket = events[i].data.fd;
      char bytes[16384];
      if (::recv(socket, bytes, sizeof bytes, 0) <= 0) continue;
      const bool is_first = !started[static_cast<std::size_t>(socket)];
      started[static_cast<std::size_t>(socket)] = true;
      const std::string& answer = is_first ? event_bytes : both;
      [[maybe_unused]] const auto sent = ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
      count += is_first ? 0 : 1;
    }
  }
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("bare environments=%d rate=%.0f/s gateway_cpu=%.1f us/invoke\n", environments, static_cast<double>(count) / took,
              (thread_cpu_us() - cpu) / static_cast<double>(count));
  for (const pid_t child : functions) ::kill(child, SIGKILL);
  for (const pid_t child : functions) ::waitpid(child, nullptr, 0);
  ::unlink(path.c_str());
  return 0;
}

// Of it, in user mode.
double thread_user_us() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) * 1e6 + static_cast<double>(usage.ru_utime.tv_usec);
}

double thread_cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

struct Bench {
  EventLoops loops{1};
  Silence telemetry;
  std::unique_ptr<FunctionEngine> engine;
  std::shared_ptr<FunctionVersion> version = std::make_shared<FunctionVersion>();
  std::string payload = std::string(1024, 'e');
  std::vector<std::int64_t> latencies_us;  // on the lane
  std::int64_t failures = 0;
  bool measures = false;
  std::atomic<bool> stops{false};
  std::atomic<int> under_way{0};
  std::int64_t requests = 0;

  void invoke() {
    InvocationRequest request;
    char id[64];
    std::snprintf(id, sizeof id, "8476a536-e9f4-11e8-9739-%012lld", static_cast<long long>(++requests));
    request.request_id = id;
    request.invoked_arn = version->arn;
    request.payload = payload;
    request.trace = {"1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8", "", "0"};
    const auto started = std::chrono::steady_clock::now();
    engine->run(loops.lane(0), version, std::move(request), [this, started](InvocationOutcome outcome) {
      if (outcome.kind != InvocationOutcome::Kind::Success) ++failures;
      if (measures) {
        latencies_us.push_back(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count());
      }
      if (stops) {
        --under_way;
      } else {
        invoke();
      }
    });
  }
};

int run_bench(int environments, double seconds, const std::string& mode, SandboxCeiling sandbox) {
  char path[] = "/tmp/surge-bench-XXXXXX";
  if (::mkdtemp(path) == nullptr) return 1;
  const std::string directory = path;
  ::chmod(path, 0755);
  const std::string code = directory + "/code";
  std::filesystem::create_directory(code);
  std::filesystem::copy_file("/proc/self/exe", code + "/bootstrap");
  ::chmod((code + "/bootstrap").c_str(), 0755);

  Bench bench;
  FunctionVersion& version = *bench.version;
  version.account = "000000000000";
  version.region = "eu-west-1";
  version.function_name = "bench";
  version.arn = "arn:aws:lambda:eu-west-1:000000000000:function:bench";
  version.runtime = "provided.al2023";
  version.code_directory = code;
  version.log_group = "/aws/lambda/bench";
  version.timeout_seconds = 30;
  version.environment = {{"BENCH_MODE", mode}};
  if (::getenv("BENCH_POLL") != nullptr) version.environment.emplace_back("BENCH_POLL", "1");
  bench.loops.start();
  FunctionEngineOptions options;
  options.run_directory = directory + "/run";
  options.bootstraps_directory = directory;
  options.sandbox = sandbox;
  options.account_concurrency = 1'000'000;  // no request rate in the way
  options.credentials = [](const FunctionVersion&) { return FunctionCredentials{"A", Secret<std::string>("B"), Secret<std::string>("C")}; };
  bench.engine = std::make_unique<FunctionEngine>(bench.loops, bench.telemetry, std::move(options));

  bench.under_way = environments;
  bench.loops.lane(0).post([&] {
    for (int i = 0; i < environments; ++i) bench.invoke();
  });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  double cpu = 0;
  double user = 0;
  bench.loops.lane(0).run_and_wait([&] {
    bench.measures = true;
    cpu = thread_cpu_us();
    user = thread_user_us();
  });
  const auto started = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  bench.loops.lane(0).run_and_wait([&] {
    bench.measures = false;
    cpu = thread_cpu_us() - cpu;
    user = thread_user_us() - user;
  });
  const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  bench.stops = true;
  while (bench.under_way > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  bench.engine.reset();
  bench.loops.stop();
  bench.loops.join();

  auto& latencies = bench.latencies_us;
  if (latencies.empty()) return 1;
  std::sort(latencies.begin(), latencies.end());
  const auto count = latencies.size();
  std::printf("%s environments=%d rate=%.0f/s p50=%lld us p99=%lld us lane_cpu=%.1f us/invoke (user %.1f) failures=%lld\n", mode.c_str(),
              environments, static_cast<double>(count) / took, static_cast<long long>(latencies[count / 2]),
              static_cast<long long>(latencies[count * 99 / 100]), cpu / static_cast<double>(count), user / static_cast<double>(count),
              static_cast<long long>(bench.failures));
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--launcher") return surgetank::launcher_main(3);
  if (std::string_view(argv[0]).ends_with("/bootstrap")) return run_function();
  if (argc > 3 && std::string_view(argv[3]) == "bare") return run_bare(std::atoi(argv[1]), std::atof(argv[2]));
  return run_bench(argc > 1 ? std::atoi(argv[1]) : 8, argc > 2 ? std::atof(argv[2]) : 3, argc > 3 ? argv[3] : "pipelined",
                   argc > 4 ? static_cast<SandboxCeiling>(std::atoi(argv[4])) : SandboxCeiling::Everything);
}
