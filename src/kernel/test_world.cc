#include "kernel/test_world.h"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "storage/blob_store.h"

namespace surgetank {
namespace {

constexpr Instant start_of_world{1'700'000'000'000'000};

Caller default_caller() {
  Caller caller = service_caller("000000000000", "us-east-1", "arn:aws:iam::000000000000:root");
  caller.user_id = "000000000000";
  caller.access_key_id = "test";
  return caller;
}

std::string new_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "surgetank-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
  return name;
}

}  // namespace

void FakeFunctionRunner::run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
                             UniqueFunction<void(InvocationOutcome)> done) {
  seen.push_back(request);
  auto outcome = behaviour ? behaviour(*version, request) : InvocationOutcome{.payload = request.payload};
  auto answer = [done = std::move(done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); };
  if (takes == Duration{}) return answer();
  lane.at(lane.now() + takes, std::move(answer));
}

void FakeFunctionRunner::retire(Lane&, const std::string& version_key) { retired.push_back(version_key); }

void FakeFunctionRunner::configure(Lane&, FunctionConcurrencySettings wanted) {
  const auto arn = wanted.arn;
  settings[arn] = std::move(wanted);
}

ProvisionedState FakeFunctionRunner::provisioned(Lane&, const std::string& version_key) {
  if (const auto scripted = provisioned_states.find(version_key); scripted != provisioned_states.end()) return scripted->second;
  for (const auto& [arn, of_function] : settings)
    for (const auto& one : of_function.provisioned)
      if (one.version->key() == version_key) return {.available = one.executions, .failure = {}};
  return {};
}

void FakeFunctionInvoker::invoke(FunctionCall call, UniqueFunction<void(FunctionCallResult)> done) {
  seen.push_back(call);
  done(behaviour ? behaviour(call) : FunctionCallResult{.kind = FunctionCallResult::Kind::Success, .payload = "null", .message = {}});
}

void FakeDatabaseHost::ensure_running(DatabaseInstance instance, UniqueFunction<void(DatabaseStatus)> done) {
  const auto id = instance.resource_id;
  running[id] = std::move(instance);
  done(status);
}

void FakeDatabaseHost::stop(const std::string& resource_id, UniqueFunction<void()> done) {
  running.erase(resource_id);
  done();
}

void FakeDatabaseHost::destroy(const std::string& resource_id, UniqueFunction<void()> done) { stop(resource_id, std::move(done)); }

void FakeDatabaseHost::destroy_all(UniqueFunction<void()> done) {
  running.clear();
  done();
}

std::vector<DatabaseHost::Connection> FakeDatabaseHost::connections(const std::string&) { return {}; }

void FakeHttpClient::send(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) {
  done(behaviour ? behaviour(request) : HttpClientResult{});
}

std::string SeededEntropy::bytes(std::size_t count) {
  std::string out(count, '\0');
  for (auto& c : out) c = static_cast<char>(random_.below(256));
  return out;
}

TestWorld::TestWorld(std::vector<const Service*> services, std::size_t lane_count)
    : lanes(lane_count, start_of_world),
      vault(Secret<std::string>(std::string(32, 'k'))),
      credentials(vault, "000000000000"),
      quotas(quota_tables(services)),
      services_(std::move(services)),
      directory_(new_directory()) {
  blobs = std::make_unique<BlobStore>(BlobStoreOptions{.directory = directory_ + "/blobs"});
  ports = {.runner = &runner,
           .functions = &functions,
           .databases = &databases,
           .http = &http,
           .blobs = blobs.get(),
           .vault = &vault,
           .entropy = &entropy,
           .credentials = &credentials,
           .telemetry = &telemetry,
           .dispatcher = nullptr,
           .quotas = &quotas,
           .base_url = "http://127.0.0.1:4566",
           .api_host = "localhost:4566",
           .code_directory = directory_ + "/code"};
  start();
}

TestWorld::~TestWorld() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void TestWorld::start() {
  dispatcher = std::make_unique<Dispatcher>(*store, lanes, services_, ports, Dispatcher::Options{});
  ports.dispatcher = dispatcher.get();
  ServiceContext context{*dispatcher, ports, lanes};
  for (const auto* service : services_)
    if (service->start != nullptr) service->start(context);
  dispatcher->start_outbox();
  lanes.run_until_idle();
}

std::string TestWorld::call(std::string_view service, std::string_view operation, std::string_view input) {
  return call_as(default_caller(), service, operation, input);
}

std::string TestWorld::call_as(const Caller& caller, std::string_view service, std::string_view operation, std::string_view input) {
  std::optional<std::string> answer;
  dispatcher->dispatch_json(service, operation, caller, input, [&answer](Result<std::string> result) {
    answer = result.ok() ? std::move(*result) : std::string(result.error().code->name) + ": " + result.error().message;
  });
  lanes.run_until_idle();
  for (int i = 0; i < 100 && !answer && lanes.next_timer(); ++i) lanes.advance(*lanes.next_timer() - lanes.now());
  return answer.value_or("no answer");
}

HttpResponse TestWorld::serve(const Service& service, HttpRequest request) {
  ServiceContext context{*dispatcher, ports, lanes};
  std::optional<HttpResponse> answer;
  service.data_plane.serve(context, std::move(request), [&answer](HttpResponse response) { answer = std::move(response); });
  lanes.run_until_idle();
  for (int i = 0; i < 100 && !answer && lanes.next_timer(); ++i) lanes.advance(*lanes.next_timer() - lanes.now());
  return answer.value_or(HttpResponse{.status = -1});
}

void TestWorld::flush_telemetry() {
  TelemetryPump pump(telemetry, lanes.lane(0), *dispatcher);
  pump.flush([] {});
  lanes.run_until_idle();
}

void TestWorld::crash_and_restart() {
  lanes.stop();
  store->crash();
  start();
}

}  // namespace surgetank
