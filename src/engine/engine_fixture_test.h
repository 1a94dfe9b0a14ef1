#pragma once
// For the tests of the engine: loops, a Telemetry that remembers, an engine whose launcher is the test binary itself
// (launcher_entry_test.cc), and functions written on the spot. One test, its own thread.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/text.h"
#include "engine/function_engine.h"

namespace surgetank {

class RememberingTelemetry final : public Telemetry {
 public:
  void span(Span span) override {
    const std::lock_guard lock(mutex_);
    spans_.push_back(std::move(span));
  }
  void metric(MetricSample sample) override {
    const std::lock_guard lock(mutex_);
    metrics_.push_back(std::move(sample));
  }
  void log(LogBatch batch) override {
    const std::lock_guard lock(mutex_);
    for (LogEvent& event : batch.events) {
      streams_[batch.group + " " + batch.stream] += event.message;
      log_ += event.message;
      if (!event.message.ends_with('\n')) log_ += '\n';
    }
    changed_.notify_all();
  }

  std::vector<Span> spans() const {
    const std::lock_guard lock(mutex_);
    return spans_;
  }
  std::vector<Span> spans(const std::string& kind) const {
    std::vector<Span> found;
    for (Span& span : spans()) {
      if (span.kind == kind) found.push_back(std::move(span));
    }
    return found;
  }
  // The sum of a metric's values; account-wide (no dimension) or of a function.
  double sum(const std::string& name, const std::string& function = "") const {
    const std::lock_guard lock(mutex_);
    double sum = 0;
    for (const MetricSample& sample : metrics_) {
      const bool matches = function.empty() ? sample.dimensions.empty() : !sample.dimensions.empty() && sample.dimensions[0].second == function;
      if (sample.name == name && matches) sum += sample.value * sample.count;
    }
    return sum;
  }
  // Metrics are flushed some milliseconds later.
  bool sum_gets(const std::string& name, const std::string& function, double wanted) const {
    for (int i = 0; i < 3000 && sum(name, function) != wanted; ++i) ::usleep(10'000);
    return sum(name, function) == wanted;
  }
  std::string log() const {
    const std::lock_guard lock(mutex_);
    return log_;
  }
  std::map<std::string, std::string> streams() const {
    const std::lock_guard lock(mutex_);
    return streams_;
  }
  // Waits until the log holds `text`; false if it does not for long.
  bool log_gets(const std::string& text) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return contains(log_, text); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Span> spans_;
  std::vector<MetricSample> metrics_;
  std::map<std::string, std::string> streams_;
  std::string log_;
};

// A `bootstrap` for provided.al2023 in Python that speaks HTTP over TCP and does what the event says.
inline constexpr const char* obedient_bootstrap = R"PY(#!/usr/bin/python3
import http.client, json, os, subprocess, sys, time, socket
api = os.environ["AWS_LAMBDA_RUNTIME_API"]
if os.path.exists("init.py"):
    exec(open("init.py").read())
connection = http.client.HTTPConnection(api)
count = 0
while True:
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    reply = connection.getresponse()
    event = json.loads(reply.read())
    request_id = reply.headers["Lambda-Runtime-Aws-Request-Id"]
    count += 1
    path = "/2018-06-01/runtime/invocation/" + request_id + "/response"
    result = {"count": count, "pid": os.getpid()}
    headers = {}
    do = event.get("do", "")
    if do == "headers":
        result = dict(reply.headers)
    elif do == "env":
        result = dict(os.environ)
    elif do == "print":
        sys.stdout.write(event["text"]); sys.stdout.flush()
    elif do == "exit":
        sys.exit(event["code"])
    elif do == "die":
        os.kill(os.getpid(), event["signal"])
    elif do == "hang":
        time.sleep(1000)
    elif do == "sleep":
        time.sleep(event["seconds"])
    elif do == "memory":
        block = bytearray(event["megabytes"] << 20)
    elif do == "big":
        result = "x" * event["bytes"]
    elif do == "spawn":
        subprocess.Popen(["/bin/sh", "-c", "setsid sleep " + event["marker"] + " &"]).wait()
    elif do == "tmp":
        open("/tmp/note", "a").write("x"); result = os.path.getsize("/tmp/note")
    elif do == "user":
        result = {"uid": os.getuid(), "task": os.listdir(os.environ["LAMBDA_TASK_ROOT"]), "cwd": os.getcwd()}
    elif do == "connect":
        held = socket.create_connection(("127.0.0.1", event["port"]))
        result = held.getsockname()[1]
    elif do == "stream":
        headers = {"Lambda-Runtime-Function-Response-Mode": "streaming"}
    elif do == "fail":
        path = "/2018-06-01/runtime/invocation/" + request_id + "/error"
        headers = {"Lambda-Runtime-Function-Error-Type": "Test.Error"}
        result = {"errorType": "Test.Error", "errorMessage": "as asked"}
    elif do == "answer twice":
        connection.request("POST", path, "1"); connection.getresponse().read()
    elif do == "request":
        other = http.client.HTTPConnection(api)
        other.request(event["method"], event["path"].replace("{id}", request_id), event.get("body", ""))
        answer = other.getresponse()
        result = {"status": answer.status, "body": answer.read().decode()}
    connection.request("POST", path, json.dumps(result), headers)
    connection.getresponse().read()
    if do == "exit after":
        os._exit(event["code"])
)PY";

class EngineFixture {
 public:
  explicit EngineFixture(FunctionEngineOptions options = {}, std::size_t lanes = 1) : loops_(lanes) {
    char path[] = "/tmp/surge-XXXXXX";
    directory_ = ::mkdtemp(path);
    ::chmod(path, 0755);
    options.run_directory = directory_ + "/run";
    options.bootstraps_directory = std::filesystem::absolute("src/engine/bootstraps").string();
    if (options.endpoint_url.empty()) options.endpoint_url = "http://127.0.0.1:4566";
    if (!options.credentials) {
      options.credentials = [](const FunctionVersion& version) {
        return FunctionCredentials{"ASIATEST", Secret<std::string>("secret-of-" + version.role_arn), Secret<std::string>("session-token")};
      };
    }
    loops_.start();
    engine_ = std::make_unique<FunctionEngine>(loops_, telemetry, std::move(options));
  }
  ~EngineFixture() {
    engine_.reset();
    loops_.stop();
    loops_.join();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  // A function of these files.
  std::shared_ptr<FunctionVersion> function(const std::string& name, const std::string& runtime, const std::string& handler,
                                            const std::map<std::string, std::string>& files) {
    auto version = std::make_shared<FunctionVersion>();
    version->account = "000000000000";
    version->region = "eu-west-1";
    version->function_name = name;
    version->arn = "arn:aws:lambda:eu-west-1:000000000000:function:" + name;
    version->revision_id = "1";
    version->runtime = runtime;
    version->handler = handler;
    version->role_arn = "arn:aws:iam::000000000000:role/r";
    version->code_directory = directory_ + "/" + name;
    version->log_group = "/aws/lambda/" + name;
    version->timeout_seconds = 30;
    ::mkdir(version->code_directory.c_str(), 0755);
    for (const auto& [file, text] : files) {
      const std::string path = version->code_directory + "/" + file;
      std::ofstream(path) << text;
      ::chmod(path.c_str(), 0755);
    }
    return version;
  }
  std::shared_ptr<FunctionVersion> obedient(const std::string& name = "obedient") {
    return function(name, "provided.al2023", "handler", {{"bootstrap", obedient_bootstrap}});
  }

  std::future<InvocationOutcome> start(std::shared_ptr<const FunctionVersion> version, std::string payload,
                                       LogTail log_tail = LogTail::None) {
    auto promise = std::make_shared<std::promise<InvocationOutcome>>();
    auto future = promise->get_future();
    InvocationRequest request;
    request.request_id = "00000000-0000-4000-8000-" + std::to_string(100000000000 + ++last_request_);
    request.invoked_arn = version->arn;
    request.payload = std::move(payload);
    request.trace = {"1-5759e988-bd862e3fe1be46a994272793", "00000000000000aa", "", "0"};
    request.log_tail = log_tail;
    last_request_id = request.request_id;
    loops_.lane(0).post([this, version = std::move(version), request = std::move(request), promise]() mutable {
      engine_->run(loops_.lane(0), std::move(version), std::move(request),
                   [promise](InvocationOutcome outcome) { promise->set_value(std::move(outcome)); });
    });
    return future;
  }
  static InvocationOutcome wait_for(std::future<InvocationOutcome>& future) {
    if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
      ADD_FAILURE() << "no outcome";
      return {};
    }
    return future.get();
  }
  InvocationOutcome invoke(const std::shared_ptr<const FunctionVersion>& version, std::string payload, LogTail log_tail = LogTail::None) {
    auto future = start(version, std::move(payload), log_tail);
    return wait_for(future);
  }
  void retire(const FunctionVersion& version) {
    loops_.lane(0).run_and_wait([&] { engine_->retire(loops_.lane(0), version.key()); });
  }
  void configure(const FunctionVersion& version, std::optional<std::int64_t> reserved,
                 std::vector<FunctionConcurrencySettings::Provisioned> provisioned = {}) {
    FunctionConcurrencySettings settings{version.account, version.region, version.function_name, version.arn, reserved, std::move(provisioned)};
    loops_.lane(0).run_and_wait([&] { engine_->configure(loops_.lane(0), std::move(settings)); });
  }
  ProvisionedState provisioned(const FunctionVersion& version) {
    ProvisionedState state;
    loops_.lane(0).run_and_wait([&] { state = engine_->provisioned(loops_.lane(0), version.key()); });
    return state;
  }
  FunctionEngine& engine() { return *engine_; }
  const std::string& directory() const { return directory_; }

  RememberingTelemetry telemetry;
  std::string last_request_id;

 private:
  EventLoops loops_;
  std::string directory_;
  std::unique_ptr<FunctionEngine> engine_;
  std::int64_t last_request_ = 0;
};

}  // namespace surgetank
