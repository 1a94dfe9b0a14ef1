#pragma once
// A whole server without sockets, disk or processes, for the unit tests of services: real kernel, memory store, virtual lanes and
// time, real vault and credentials, and fake ports that a test scripts. Not linked into the server.
//
//   TestWorld world({&secretsmanager::service});
//   auto reply = world.call("secretsmanager", "CreateSecret", R"({"Name":"a","SecretString":"x"})");   // JSON, or "Code: message"
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/credentials.h"
#include "kernel/database_host.h"
#include "kernel/dispatcher.h"
#include "kernel/function_runner.h"
#include "kernel/http_client.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/telemetry_hub.h"
#include "kernel/vault.h"
#include "kernel/virtual_lanes.h"
#include "storage/memory_store.h"

namespace surgetank {

// Answers every run() with what `behaviour` returns, on the lane, at once or after `takes`.
class FakeFunctionRunner final : public FunctionRunner {
 public:
  std::function<InvocationOutcome(const FunctionVersion&, const InvocationRequest&)> behaviour;
  Duration takes{};
  std::vector<std::string> retired;
  std::vector<InvocationRequest> seen;
  void run(Lane& lane, std::shared_ptr<const FunctionVersion> version, InvocationRequest request,
           UniqueFunction<void(InvocationOutcome)> done) override;
  void retire(Lane& lane, const std::string& version_key) override;
  void configure(Lane& lane, FunctionConcurrencySettings settings) override;
  ProvisionedState provisioned(Lane& lane, const std::string& version_key) override;
  std::map<std::string, FunctionConcurrencySettings> settings;      // by ARN
  std::map<std::string, ProvisionedState> provisioned_states;  // by key; else everything that was asked for is there
};

class FakeFunctionInvoker final : public FunctionInvoker {
 public:
  std::function<FunctionCallResult(const FunctionCall&)> behaviour;
  std::vector<FunctionCall> seen;
  void invoke(FunctionCall call, UniqueFunction<void(FunctionCallResult)> done) override;
};

class FakeDatabaseHost final : public DatabaseHost {
 public:
  std::map<std::string, DatabaseInstance> running;  // by resource id
  DatabaseStatus status{.running = true, .failure = {}, .address = "127.0.0.1", .port = 15432, .engine_version = "15.20"};
  void ensure_running(DatabaseInstance instance, UniqueFunction<void(DatabaseStatus)> done) override;
  void stop(const std::string& resource_id, UniqueFunction<void()> done) override;
  void destroy(const std::string& resource_id, UniqueFunction<void()> done) override;
  void destroy_all(UniqueFunction<void()> done) override;
  std::vector<Connection> connections(const std::string& resource_id) override;
  std::vector<std::string> versions{"15"};
  std::vector<std::string> engine_versions() const override { return versions; }
};

class FakeHttpClient final : public HttpClient {
 public:
  std::function<HttpClientResult(const HttpClientRequest&)> behaviour;
  void send(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) override;
};

class SeededEntropy final : public Entropy {
 public:
  std::string bytes(std::size_t count) override;

 private:
  Random random_{42};
};

class TestWorld {
 public:
  explicit TestWorld(std::vector<const Service*> services, std::size_t lanes = 2);
  ~TestWorld();

  // One operation as account 000000000000, region us-east-1; runs until idle. JSON of the reply, or "Code: message".
  std::string call(std::string_view service, std::string_view operation, std::string_view input);
  std::string call_as(const Caller& caller, std::string_view service, std::string_view operation, std::string_view input);
  // An HTTP request to a service's data plane.
  HttpResponse serve(const Service& service, HttpRequest request);
  void advance(Duration span) { lanes.advance(span); }
  void flush_telemetry();
  // Forgets what is not durable and starts the kernel again on what is left.
  void crash_and_restart();

  VirtualLanes lanes;
  std::unique_ptr<MemoryStore> store = make_memory_store();
  Vault vault;
  Credentials credentials;
  SeededEntropy entropy;
  FakeFunctionRunner runner;
  FakeFunctionInvoker functions;
  FakeDatabaseHost databases;
  FakeHttpClient http;
  TelemetryHub telemetry;
  Quotas quotas;  // of the services, as AWS sets them
  Ports ports;
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<Dispatcher> dispatcher;

 private:
  void start();
  std::vector<const Service*> services_;
  std::string directory_;  // blobs and unpacked packages; removed at the end
};

}  // namespace surgetank
