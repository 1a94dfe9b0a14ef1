#pragma once
// The outside world as the services see it: one reference per port, wired in app/ (live) or sim/ and tests (virtual).
// Every referenced object outlives all calls.
#include <cstdint>
#include <memory>
#include <string>

namespace surgetank {

class BackgroundWork;
class BlobStore;
class CloudLatency;
class Credentials;
class DatabaseHost;
class Dispatcher;
class Entropy;
class EventSources;
class FunctionInvoker;
class FunctionRunner;
class HttpClient;
class Quotas;
class Telemetry;
class Vault;

struct Ports {
  FunctionRunner* runner = nullptr;
  FunctionInvoker* functions = nullptr;
  DatabaseHost* databases = nullptr;
  HttpClient* http = nullptr;
  BlobStore* blobs = nullptr;
  Vault* vault = nullptr;
  Entropy* entropy = nullptr;
  Credentials* credentials = nullptr;
  Telemetry* telemetry = nullptr;
  Dispatcher* dispatcher = nullptr;
  BackgroundWork* background = nullptr;  // null: long work is done at once, where it is asked for
  Quotas* quotas = nullptr;              // null: nothing is limited but what formats demand
  CloudLatency* latency = nullptr;       // null: everything takes what it takes here
  std::string base_url;  // "http://127.0.0.1:4566": what URLs that we hand out start with
  std::string api_host;  // "localhost:4566": {apiId}.execute-api.<api_host>
  std::string code_directory = {};  // absolute: where uploaded packages of functions are unpacked
  std::shared_ptr<EventSources> event_sources = nullptr;      // made by the lambda service's start()
};

}  // namespace surgetank
