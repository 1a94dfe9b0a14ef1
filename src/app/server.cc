#include "app/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/background_thread.h"
#include "app/clock.h"
#include "app/concurrency_quota.h"
#include "app/data_files.h"
#include "app/deployments.h"
#include "app/embedded_files.h"
#include "app/gauge_routes.h"
#include "app/host_usage.h"
#include "app/quota_file.h"
#include "app/quota_routes.h"
#include "app/server_routes.h"
#include "app/services.h"
#include "app/version.h"
#include "base/text.h"
#include "engine/function_engine.h"
#include "engine/postgres_host.h"
#include "kernel/cloud_latency.h"
#include "kernel/credentials.h"
#include "kernel/event_sources.h"
#include "kernel/front_door.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/telemetry_hub.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "services/lambda/invoker.h"
#include "services/lambda/quotas.h"
#include "storage/blob_store.h"
#include "storage/rocks_store.h"
#include "wire/sha256.h"

namespace surgetank {
namespace {

namespace fs = std::filesystem;

constexpr int failed_storage_exit_code = 75;  // EX_TEMPFAIL: a supervisor starts the server again, and it replays its log
constexpr Duration role_session = days(7);    // longer than any environment lives

ListenAddress parse_address(const std::string& text) {
  const auto address = parse_listen_address(text);
  if (!address.ok()) throw std::runtime_error("--listen " + text + ": " + address.error().message);
  if (!address->is_loopback())
    log_line(LogLevel::Warning, "server",
             "listening on " + text + ": everybody who reaches this address may use it with the key pair test/test");
  return *address;
}

// Sockets need short paths and functions need to get in, so the run directory is not inside the data directory but named after it.
std::string make_run_directory(const std::string& data_directory) {
  const auto path = (fs::temp_directory_path() / ("surgetank-" + sha256_hex(data_directory).substr(0, 12))).string();
  if (::mkdir(path.c_str(), 0711) != 0 && errno != EEXIST) throw std::runtime_error("cannot make " + path);
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::geteuid())
    throw std::runtime_error(path + " belongs to somebody else; remove it or set TMPDIR");
  return path;
}

std::string absolute_directory(const std::string& path) {
  fs::create_directories(path);
  fs::permissions(path, fs::perms::owner_all);
  return fs::canonical(path).string();
}

std::uint64_t seed_from(Entropy& entropy) {
  std::uint64_t seed = 0;
  for (const char c : entropy.bytes(8)) seed = seed << 8 | static_cast<unsigned char>(c);
  return seed;
}

std::unique_ptr<Store> open_store(const ServerOptions& options, const std::string& directory) {
  if (options.sync == ServerOptions::Sync::Never)
    log_line(LogLevel::Warning, "server", "--sync off: a power loss takes back what was acknowledged");
  return open_rocks_store({.directory = directory,
                           .durability = options.sync == ServerOptions::Sync::Never ? Durability::Unsynced : Durability::Synced,
                           .on_failure = [](const std::string& message) {
                             log_line(LogLevel::Error, "server", "the disk failed, stopping: " + message);
                             ::_exit(failed_storage_exit_code);
                           }});
}

// Credentials of a function's role, as Lambda assumes it: assumed-role/<role>/<function>.
class RoleCredentials {
 public:
  RoleCredentials(const Credentials& credentials, std::uint64_t seed) : credentials_(credentials), random_(seed) {}
  FunctionCredentials of(const FunctionVersion& version) {
    const auto role = version.role_arn.substr(version.role_arn.rfind('/') + 1);
    const Principal principal{.account = version.account,
                              .arn = "arn:aws:sts::" + version.account + ":assumed-role/" + role + "/" + version.function_name,
                              .user_id = "AROA" + to_upper(sha256_hex(version.role_arn).substr(0, 17)) + ":" + version.function_name,
                              .role_arn = version.role_arn};
    const std::lock_guard lock(mutex_);
    auto issued = credentials_.issue(principal, system_now() + role_session, random_);
    return {.access_key_id = issued.access_key_id,
            .secret_access_key = issued.secret_access_key,
            .session_token = Secret<std::string>(issued.session_token)};
  }

 private:
  const Credentials& credentials_;
  std::mutex mutex_;
  Random random_;
};

std::string search_path() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? std::string() : path;
}

}  // namespace

// In order of construction; destroyed from the last to the first.
struct Server::Parts {
  explicit Parts(ServerOptions its_options);
  void open_kernel();
  void open_doors();
  void stop(Duration deadline);
  void end_batches(Duration deadline);
  void stop_work();
  ServerStatus status();

  ServerOptions options;
  std::string data_directory;
  SystemEntropy entropy;
  std::uint64_t seed = 0;
  Instant started = system_now();
  std::unique_ptr<Store> store;
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<Vault> vault;
  std::unique_ptr<Credentials> credentials;
  std::unique_ptr<RoleCredentials> role_credentials;
  TelemetryHub telemetry;
  std::unique_ptr<CloudLatency> latency;
  std::unique_ptr<Quotas> quotas;
  std::unique_ptr<LambdaConcurrencyQuota> concurrency_quota;
  std::unique_ptr<EventLoops> loops;         // connections and lanes
  std::unique_ptr<EventLoops> housekeeping;  // deployments: may block
  std::unique_ptr<BackgroundThread> background;
  std::unique_ptr<LoopHttpClient> http_client;
  Ports ports;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<FunctionInvoker> invoker;
  std::unique_ptr<FunctionEngine> engine;
  std::unique_ptr<PostgresHost> databases;
  std::unique_ptr<TelemetryPump> pump;
  std::unique_ptr<Deployments> deployments;
  HostUsage host_usage;
  std::unique_ptr<FrontDoor> front_door;
  std::unique_ptr<HttpServer> http;
  std::string url;
  bool stopped = false;
};

Server::Parts::Parts(ServerOptions its_options)
    : options(std::move(its_options)), data_directory(absolute_directory(options.data_directory)) {
  const auto address = parse_address(options.listen);
  store = open_store(options, data_directory);
  BlobStoreOptions blob_options;
  blob_options.directory = data_directory + "/blobs";
  blobs = std::make_unique<BlobStore>(std::move(blob_options));
  seed = seed_from(entropy);
  vault = std::make_unique<Vault>(load_or_make_vault_key(data_directory, entropy));
  credentials = std::make_unique<Credentials>(*vault, options.account);
  role_credentials = std::make_unique<RoleCredentials>(*credentials, seed + 1);
  auto defaults = quota_defaults(options.quotas, all_services());
  defaults.region = options.region;
  quotas = std::make_unique<Quotas>(quota_tables(all_services()), std::move(defaults));
  if (options.latency == ServerOptions::Latency::Aws)
    latency = std::make_unique<CloudLatency>(static_cast<std::uint64_t>(options.latency_seed));
  concurrency_quota = std::make_unique<LambdaConcurrencyQuota>(*quotas);
  if (options.concurrent_executions > 0) quotas->set(lambda::quotas::concurrent_executions, options.concurrent_executions);
  const auto threads = options.threads > 0 ? options.threads : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  loops = std::make_unique<EventLoops>(threads);
  housekeeping = std::make_unique<EventLoops>(1);
  background = std::make_unique<BackgroundThread>();
  http_client = std::make_unique<LoopHttpClient>(loops->lane(0), LoopHttpClientOptions{});
  // The socket listens from here on, so that its port is known to whoever hands out URLs; requests wait until the loops run.
  HttpServerOptions http_options;
  http_options.listen = {address};
  http = std::make_unique<HttpServer>(*loops, std::move(http_options), [this](HttpRequest request, HttpReply reply) {
    front_door->serve(std::move(request), std::move(reply));
  });
  const auto host = address.kind == ListenAddress::Kind::Ip6 ? "[" + address.host + "]" : address.host;
  url = "http://" + (host == "0.0.0.0" ? std::string("127.0.0.1") : host) + ":" + std::to_string(http->port());
  open_kernel();
  open_doors();
  housekeeping->start();
  loops->start();
  dispatcher->start_outbox();
  pump->start();
}

void Server::Parts::open_kernel() {
  const auto run_directory = make_run_directory(data_directory);
  unpack_embedded_files(run_directory + "/runtime");
  const auto code_directory = data_directory + "/code";
  fs::create_directories(code_directory);
  ports = {.http = http_client.get(),
           .blobs = blobs.get(),
           .vault = vault.get(),
           .entropy = &entropy,
           .credentials = credentials.get(),
           .telemetry = &telemetry,
           .background = background.get(),
           .quotas = quotas.get(),
           .latency = latency.get(),
           .base_url = url,
           .api_host = "localhost:" + std::to_string(http->port()),
           .code_directory = code_directory};
  dispatcher =
      std::make_unique<Dispatcher>(*store, *loops, all_services(), ports, Dispatcher::Options{.seed = seed + 2, .on_internal_failure = {}});
  ports.dispatcher = dispatcher.get();
  invoker = lambda::make_function_invoker(*dispatcher);
  ports.functions = invoker.get();
  engine = std::make_unique<FunctionEngine>(
      *loops, telemetry,
      FunctionEngineOptions{.run_directory = run_directory + "/functions",
                            .bootstraps_directory = run_directory + "/runtime",
                            .endpoint_url = url,
                            .credentials = [this](const FunctionVersion& version) { return role_credentials->of(version); },
                            .quota = concurrency_quota.get(),
                            .host_processes = options.function_processes,
                            .pool = {.idle_reclaim = options.idle_environments},
                            .latency = latency.get(),
                            .search_path = search_path(),
                            .seed = seed + 3});
  ports.runner = engine.get();
  PostgresHost::Options database_options;
  database_options.directory = data_directory + "/databases";
  database_options.owner = [this](std::uint16_t client_port, std::uint16_t server_port) {
    return engine->registry().find_by_local_port(client_port, server_port);
  };
  database_options.telemetry = &telemetry;
  database_options.latency = latency.get();
  databases = std::make_unique<PostgresHost>(loops->lane(0), std::move(database_options));
  ports.databases = databases.get();
  pump = std::make_unique<TelemetryPump>(telemetry, loops->lane(0), *dispatcher);
  ServiceContext context{*dispatcher, ports, *loops};
  for (const auto* service : all_services())
    if (service->start != nullptr) service->start(context);
}

void Server::Parts::open_doors() {
  deployments = std::make_unique<Deployments>(housekeeping->lane(0), *store, *vault, *dispatcher,
                                              Deployments::Place{options.account, options.region, quotas.get()}, seed + 4);
  RunningServer running{.pid = ::getpid(), .url = url, .token = Secret<std::string>(to_hex(entropy.bytes(24)))};
  auto routes = deployments->routes();
  for (auto& route : quota_routes(*quotas, *dispatcher, options.account, options.region)) routes.push_back(std::move(route));
  for (auto& route : trace_routes(telemetry)) routes.push_back(std::move(route));
  for (auto& route : status_routes([this] { return status(); })) routes.push_back(std::move(route));
  for (auto& route : host_routes(host_usage, engine->status().process_limit)) routes.push_back(std::move(route));
  for (auto& route : gauge_routes({.environments = engine->registry(),
                                   .telemetry = telemetry,
                                   .databases = *databases,
                                   .dispatcher = *dispatcher,
                                   .account = options.account,
                                   .region = options.region,
                                   .concurrency_limit = options.concurrent_executions}))
    routes.push_back(std::move(route));
  for (auto& route : reset_routes({.allowed = options.reset == ServerOptions::Reset::Allowed,
                     .store = *store,
                     .dispatcher = *dispatcher,
                     .telemetry = telemetry,
                     .databases = *databases,
                     .quotas = *quotas,
                     .lane = housekeeping->lane(0)}))
    routes.push_back(std::move(route));
  front_door = std::make_unique<FrontDoor>(ServiceContext{*dispatcher, ports, *loops},
                                           FrontDoorOptions{.seed = seed + 5,
                                                            .authentication = options.authentication,
                                                            .default_region = options.region,
                                                            .further_hosts = options.further_hosts,
                                                            .admin_token = running.token,
                                                            .admin_routes = std::move(routes),
                                                            .version = std::string(version),
                                                            .uptime = [this] { return system_now() - started; },
                                                            .now = &system_now});
  write_running_server(data_directory, running);
}

ServerStatus Server::Parts::status() {
  const auto engine_status = engine->status();
  const auto sockets = http->statistics();
  return {.version = std::string(version),
          .url = url,
          .data_directory = data_directory,
          .pid = ::getpid(),
          .uptime = system_now() - started,
          .environments = engine_status.environments,
          .idle_environments = engine_status.idle_environments,
          .process_limit = engine_status.process_limit,
          .sandbox = engine_status.sandbox,
          .requests = sockets.requests,
          .connections = sockets.open,
          .dropped_log_events = telemetry.dropped_log_events()};
}

// Batches of event source mappings that run may end, like requests.
void Server::Parts::end_batches(Duration deadline) {
  if (ports.event_sources == nullptr) return;
  auto ended = std::make_shared<std::promise<void>>();
  ports.event_sources->stop([ended] { ended->set_value(); });
  ended->get_future().wait_for(std::chrono::microseconds(deadline.us));
}

void Server::Parts::stop_work() {
  engine->shutdown();
  std::promise<void> stored;
  pump->flush([&stored] { stored.set_value(); });
  stored.get_future().wait_for(std::chrono::seconds(5));
  databases.reset();
  ports.databases = nullptr;
}

void Server::Parts::stop(Duration deadline) {
  if (stopped) return;
  stopped = true;
  end_batches(deadline);
  dispatcher->stop_waiting();
  http->drain(deadline);
  ports.background = nullptr;
  background.reset();  // the piece under way still dispatches operations
  stop_work();
  remove_running_server(data_directory);
  housekeeping->stop();
  loops->stop();
  housekeeping->join();
  loops->join();
}

Server::Server(ServerOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}

Server::~Server() { parts_->stop(Duration{}); }

const std::string& Server::url() const { return parts_->url; }
Deployments& Server::deployments() { return *parts_->deployments; }
void Server::stop(Duration deadline) { parts_->stop(deadline); }

}  // namespace surgetank
