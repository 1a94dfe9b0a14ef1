#include "windtunnel/load/load_engine.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <system_error>
#include <utility>

#include "base/text.h"
#include "windtunnel/load/load_connection.h"
#include "windtunnel/load/traffic_file.h"

namespace surgetank::windtunnel {
namespace {

using Kind = RequestPlan::Kind;
using Clock = std::chrono::steady_clock;

constexpr Duration tick_interval = milliseconds(250);
constexpr Duration timeout_scan_interval = milliseconds(50);
constexpr int arrivals_at_once = 64;  // taken up before sockets are looked at again
constexpr int events_at_once = 512;
constexpr std::uint64_t spread = 0x9e3779b97f4a7c15ULL;

Instant wall_now() {
  return {std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

std::string resolve(const std::string& host) {
  // RFC 6761: names below localhost are this machine, whatever the resolver says.
  if (host == "localhost" || host.ends_with(".localhost")) return "127.0.0.1";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    throw LoadError("the host " + host + " cannot be resolved: " + gai_strerror(error));
  char text[NI_MAXHOST];
  const int error = getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
  freeaddrinfo(found);
  if (error != 0) throw LoadError("the host " + host + " has no usable address");
  return text;
}

void allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, wanted + 100));
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::unique_ptr<TlsTrust> make_trust(const LoadPlan& plan) {
  const bool takes_any = plan.certificates == LoadPlan::Certificates::Any;
  try {
    return std::make_unique<TlsTrust>(plan.trust_file, takes_any ? TlsTrust::Certificates::Any : TlsTrust::Certificates::Verified);
  } catch (const std::runtime_error& failure) {
    throw LoadError(failure.what());
  }
}

}  // namespace

Result<std::vector<RequestMaker>> make_requests(const LoadPlan& plan) {
  if (plan.requests.empty()) return Error{&invalid_request, "the plan has no request"};
  SURGE_CHECK(check_traffic(plan.traffic));
  std::vector<RequestMaker> makers;
  for (const auto& request : plan.requests) {
    SURGE_TRY(maker, RequestMaker::make(request, plan));
    makers.push_back(std::move(maker));
  }
  for (const auto& threshold : plan.thresholds) {
    const auto& subject = threshold.subject;
    const bool is_known =
        subject.empty() || subject == "request" || subject == "done" ||
        std::any_of(plan.requests.begin(), plan.requests.end(), [&](const auto& request) { return request.name == subject; });
    if (!is_known) return Error{&invalid_threshold, "threshold `" + threshold.text + "`: there is no request `" + subject + "`"};
  }
  return makers;
}

struct LoadEngine::Parts final : LoadConnectionOwner {
  // Connections to one origin; of WebSockets to one URL.
  struct Pool {
    LoadConnection::Peer peer;
    std::vector<LoadConnection*> idle;  // the one used last is used next
    std::deque<Flight> waiting;
    bool has_answered = false;
  };

  Parts(LoadPlan the_plan, std::vector<RequestMaker> the_makers);
  void add_pools();
  void run(const Ticker& ticker);
  Duration now() const { return microseconds(std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count()); }
  Instant wall(Duration since_begin) const { return wall_begin + since_begin; }

  void take_up_arrivals();
  void arrive(const ArrivalSchedule::Arrival& arrival);
  std::size_t choose(std::uint64_t n);
  void send_or_wait(const Flight& flight);
  LoadConnection* new_connection(std::size_t pool);
  void send(LoadConnection& connection, const Flight& flight);
  void serve_waiting(std::size_t pool);
  void wait_for_events();
  void give_up_late(Duration moment);
  void tick(const Ticker& ticker, Duration moment);
  void stop_now();
  void finish(const Flight& flight, const Answer& answer);
  void landed(LoadConnection& connection, const Flight& flight, const Answer& answer) override;
  void distrusted(LoadConnection& connection, std::string_view why) override;
  void closed(LoadConnection& connection) override;
  void release(LoadConnection& connection);
  bool is_over() const { return !next_arrival && in_flight == 0 && waiting == 0; }
  Standing standing() const { return {.in_flight = in_flight, .waiting = waiting, .connections = open_connections}; }

  LoadPlan plan;
  std::vector<RequestMaker> makers;
  std::vector<double> cumulative_weights;
  Instant wall_begin;
  Clock::time_point begin;
  TraceRoots traces;
  AsyncTracker tracker;
  Recorder recorder;
  ArrivalSchedule schedule;
  std::optional<ArrivalSchedule::Arrival> next_arrival;
  std::uint64_t next_n = 0;
  Descriptor epoll;
  std::unique_ptr<TlsTrust> trust;
  std::deque<Pool> pools;  // connections point into it
  std::vector<std::size_t> pool_of_request;
  std::vector<std::unique_ptr<LoadConnection>> connections;
  std::vector<std::vector<LoadConnection*>> free_connections;  // closed, by pool
  LoadConnection::Traffic traffic;
  std::size_t open_connections = 0;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;
  Duration last_arrival;
  Duration last_landing;
  Duration next_tick = tick_interval;
  Duration next_second = seconds(1);
  Duration next_scan = timeout_scan_interval;
  bool stopped = false;
  bool is_serving = false;
  std::string distrust;  // of a peer that has never answered: the run is pointless
};

LoadEngine::Parts::Parts(LoadPlan the_plan, std::vector<RequestMaker> the_makers)
    : plan(std::move(the_plan)),
      makers(std::move(the_makers)),
      wall_begin(wall_now()),
      begin(Clock::now()),
      traces(wall_begin, static_cast<std::uint64_t>(wall_begin.us) * spread),
      tracker(wall_begin),
      recorder(plan, wall_begin),
      schedule(plan.traffic),
      epoll(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll) throw std::system_error(errno, std::generic_category(), "epoll");
  double sum = 0;
  for (const auto& request : plan.requests) cumulative_weights.push_back(sum += request.weight);
  allow_descriptors(plan.connections);
  add_pools();
}

void LoadEngine::Parts::add_pools() {
  std::map<std::string, std::size_t> known;
  for (std::size_t request = 0; request < makers.size(); ++request) {
    const auto& url = makers[request].url();
    const bool is_websocket = plan.requests[request].kind == Kind::WebSocket;
    const auto key = is_websocket ? "websocket " + std::to_string(request) : url.origin();
    const auto [found, is_new] = known.emplace(key, pools.size());
    pool_of_request.push_back(found->second);
    if (!is_new) continue;
    const bool is_secure = url.scheme == HttpUrl::Scheme::Https;
    if (is_secure && trust == nullptr) trust = make_trust(plan);
    pools.push_back({.peer = {.ip = resolve(url.host),
                              .port = url.port,
                              .host = url.host,
                              .trust = is_secure ? trust.get() : nullptr,
                              .protocol = is_websocket ? LoadConnection::Protocol::WebSocket : LoadConnection::Protocol::Http},
                     .idle = {},
                     .waiting = {},
                     .has_answered = false});
    free_connections.emplace_back();
  }
}

void LoadEngine::Parts::run(const Ticker& ticker) {
  wall_begin = wall_now();
  begin = Clock::now();
  next_arrival = schedule.next();
  while (!is_over()) {
    take_up_arrivals();
    wait_for_events();
    const auto moment = now();
    if (moment >= next_scan) give_up_late(moment);
    if (moment >= next_tick) tick(ticker, moment);
    if (!distrust.empty()) throw LoadError(distrust);
  }
  for (const auto& connection : connections)
    if (connection->is_open()) connection->leave();
}

void LoadEngine::Parts::take_up_arrivals() {
  for (int count = 0; count < arrivals_at_once && next_arrival && next_arrival->at <= now(); ++count) {
    arrive(*next_arrival);
    next_arrival = schedule.next();
  }
}

std::size_t LoadEngine::Parts::choose(std::uint64_t n) {
  if (makers.size() == 1) return 0;
  Random random(plan.traffic.seed + n * spread);
  const double at = random.fraction() * cumulative_weights.back();
  const auto found = std::upper_bound(cumulative_weights.begin(), cumulative_weights.end(), at);
  return std::min<std::size_t>(static_cast<std::size_t>(found - cumulative_weights.begin()), makers.size() - 1);
}

void LoadEngine::Parts::arrive(const ArrivalSchedule::Arrival& arrival) {
  Flight flight{.n = next_n++, .request = 0, .phase = arrival.phase, .scheduled = arrival.at, .deadline = {}};
  flight.request = choose(flight.n);
  flight.deadline = arrival.at + plan.requests[flight.request].timeout;
  last_arrival = now();
  recorder.arrived(flight.request, flight.phase, microseconds(std::max<std::int64_t>(0, last_arrival.us - arrival.at.us)));
  send_or_wait(flight);
}

void LoadEngine::Parts::send_or_wait(const Flight& flight) {
  const auto index = pool_of_request[flight.request];
  auto& pool = pools[index];
  if (pool.waiting.empty()) {
    if (!pool.idle.empty()) {
      auto* connection = pool.idle.back();
      pool.idle.pop_back();
      return send(*connection, flight);
    }
    if (auto* connection = new_connection(index)) return send(*connection, flight);
  }
  if (waiting >= plan.waiting)
    return finish(flight,
                  {.status = 0, .failure = Failure::NotSent, .text = "not sent: too many requests wait for a connection", .sample = {}});
  ++waiting;
  pool.waiting.push_back(flight);
}

// Null at the bound. An idle connection of another pool makes room.
LoadConnection* LoadEngine::Parts::new_connection(std::size_t index) {
  if (open_connections >= plan.connections) {
    for (auto& other : pools) {
      if (other.idle.empty()) continue;
      auto* spare = other.idle.back();
      other.idle.pop_back();
      spare->close();
      release(*spare);
      break;
    }
    if (open_connections >= plan.connections) return nullptr;
  }
  auto& spares = free_connections[index];
  if (spares.empty()) {
    connections.push_back(std::make_unique<LoadConnection>(*this, pools[index].peer, traffic, index));
    spares.push_back(connections.back().get());
  }
  auto* connection = spares.back();
  spares.pop_back();
  ++open_connections;
  ++recorder.results().connections_opened;
  connection->open(epoll.get());
  return connection;
}

void LoadEngine::Parts::send(LoadConnection& connection, const Flight& flight) {
  ++in_flight;
  const auto& maker = makers[flight.request];
  connection.start(flight, maker.is_head() ? AnswerTo::Head : AnswerTo::OtherMethod);
  // A generator for each request: its payload depends on the seed and its number, not on what happened before.
  Random random(~plan.traffic.seed + flight.n * spread);
  RenderContext context{.n = flight.n, .now = wall(now()), .random = random, .csv = plan.csv.get()};
  const RequestMaker::Details details{.context = context, .traces = traces};
  if (connection.needs_upgrade()) {
    auto key = websocket_key(random);
    maker.write_upgrade(key, details, connection.upgrade());
    connection.set_upgrade_key(std::move(key));
  }
  maker.write(details, connection.output());
  connection.go();
}

void LoadEngine::Parts::serve_waiting(std::size_t index) {
  // A request that fails at once lands inside send(): the loop below goes on with the next one, not a deeper call.
  if (is_serving) return;
  is_serving = true;
  auto& pool = pools[index];
  while (!pool.waiting.empty()) {
    LoadConnection* connection = nullptr;
    if (!pool.idle.empty()) {
      connection = pool.idle.back();
      pool.idle.pop_back();
    } else {
      connection = new_connection(index);
    }
    if (connection == nullptr) break;
    const auto flight = pool.waiting.front();
    pool.waiting.pop_front();
    --waiting;
    send(*connection, flight);
  }
  is_serving = false;
}

void LoadEngine::Parts::wait_for_events() {
  auto until = std::min(next_tick, next_scan);
  if (next_arrival) until = std::min(until, next_arrival->at);
  const auto patience_us = std::max<std::int64_t>(0, until.us - now().us);
  const timespec patience{.tv_sec = patience_us / 1'000'000, .tv_nsec = patience_us % 1'000'000 * 1000};
  epoll_event events[events_at_once];
  int count = epoll_pwait2(epoll.get(), events, events_at_once, &patience, nullptr);
  // Old kernels wait in milliseconds: rounded down, so that an arrival is taken up in time rather than late.
  if (count < 0 && errno == ENOSYS) count = epoll_wait(epoll.get(), events, events_at_once, static_cast<int>(patience_us / 1000));
  for (int index = 0; index < count; ++index) {
    auto* connection = static_cast<LoadConnection*>(events[index].data.ptr);
    // It may have been closed, and opened anew, by an event before: then this one is of the past, and harmless.
    if (!connection->is_closed()) connection->on_events(events[index].events);
  }
}

void LoadEngine::Parts::give_up_late(Duration moment) {
  next_scan = moment + timeout_scan_interval;
  const auto text = [this](const Flight& flight) { return "timeout after " + span_text(plan.requests[flight.request].timeout); };
  for (std::size_t index = 0; index < connections.size(); ++index) {
    auto& connection = *connections[index];
    if (connection.flight() && connection.flight()->deadline <= moment) connection.fail(Failure::Timeout, text(*connection.flight()));
  }
  for (auto& pool : pools)
    while (!pool.waiting.empty() && pool.waiting.front().deadline <= moment) {
      const auto flight = pool.waiting.front();
      pool.waiting.pop_front();
      --waiting;
      finish(flight, {.status = 0, .failure = Failure::Timeout, .text = text(flight), .sample = {}});
    }
}

void LoadEngine::Parts::tick(const Ticker& ticker, Duration moment) {
  if (moment >= next_second) {
    recorder.second_ended(moment, standing());
    next_second = microseconds((moment.us / 1'000'000 + 1) * 1'000'000);
  }
  next_tick = std::min(moment + tick_interval, next_second);  // seconds end in time
  recorder.results().bytes_sent = traffic.sent;
  recorder.results().bytes_received = traffic.received;
  if (!ticker) return;
  const auto proceed =
      ticker({.since_begin = moment, .length = plan.traffic.length(), .results = recorder.results(), .standing = standing()});
  if (proceed == Proceed::On) return;
  stopped = true;
  next_arrival.reset();
  if (proceed == Proceed::StopNow) stop_now();
}

void LoadEngine::Parts::stop_now() {
  for (auto& pool : pools) {
    waiting -= pool.waiting.size();
    pool.waiting.clear();
  }
  for (std::size_t index = 0; index < connections.size(); ++index)
    if (connections[index]->flight()) connections[index]->fail(Failure::Closed, "stopped before the answer came");
}

void LoadEngine::Parts::finish(const Flight& flight, const Answer& answer) {
  const auto moment = now();
  last_landing = moment;
  const auto& maker = makers[flight.request];
  Finished finished{.request = flight.request,
                    .phase = flight.phase,
                    .latency = microseconds(moment.us - flight.scheduled.us),
                    .status = answer.status,
                    .failure = answer.failure,
                    .text = answer.text,
                    .sample = answer.sample};
  if (answer.failure == Failure::None && answer.status != 0 && !maker.is_expected(answer.status)) finished.failure = Failure::Status;
  recorder.finished(finished);
  if (finished.failure != Failure::None || plan.follow <= Duration{}) return;
  const auto kind = maker.plan().kind;
  const bool is_expected = kind == Kind::SendMessage || kind == Kind::InvokeEvent || answer.status == 202;
  tracker.accepted(flight.n, wall(moment), is_expected ? AsyncTracker::Work::Expected : AsyncTracker::Work::Possible);
}

void LoadEngine::Parts::landed(LoadConnection& connection, const Flight& flight, const Answer& answer) {
  --in_flight;
  if (answer.failure == Failure::None) pools[connection.pool()].has_answered = true;
  finish(flight, answer);
  release(connection);
  serve_waiting(connection.pool());
}

void LoadEngine::Parts::distrusted(LoadConnection& connection, std::string_view why) {
  const auto& pool = pools[connection.pool()];
  if (pool.has_answered || !distrust.empty()) return;
  distrust = pool.peer.host + ":" + std::to_string(pool.peer.port) + ": " + std::string(why) +
             "; trust it with --cacert FILE, or take any certificate with --insecure";
}

void LoadEngine::Parts::closed(LoadConnection& connection) {
  auto& idle = pools[connection.pool()].idle;
  idle.erase(std::remove(idle.begin(), idle.end(), &connection), idle.end());
  release(connection);
}

void LoadEngine::Parts::release(LoadConnection& connection) {
  if (connection.is_open()) {
    pools[connection.pool()].idle.push_back(&connection);
    return;
  }
  --open_connections;
  free_connections[connection.pool()].push_back(&connection);
}

LoadEngine::LoadEngine(LoadPlan plan, std::vector<RequestMaker> requests)
    : parts_(std::make_unique<Parts>(std::move(plan), std::move(requests))) {}

LoadEngine::~LoadEngine() = default;

LoadResults LoadEngine::run(const Ticker& ticker) {
  auto& parts = *parts_;
  parts.run(ticker);
  const auto moment = parts.now();
  parts.recorder.second_ended(moment, parts.standing());
  auto& results = parts.recorder.results();
  results.bytes_sent = parts.traffic.sent;
  results.bytes_received = parts.traffic.received;
  results.was_stopped = parts.stopped;
  results.begin = parts.wall_begin;
  // A run shorter than its traffic was stopped; one that is not lasts as long as the traffic, also if the last arrivals are far apart.
  const auto sending = parts.stopped ? parts.last_arrival : std::max(parts.last_arrival, parts.plan.traffic.length());
  return parts.recorder.take(std::max(parts.last_landing, parts.last_arrival), sending);
}

const TraceRoots& LoadEngine::traces() const { return parts_->traces; }
AsyncTracker& LoadEngine::tracker() { return parts_->tracker; }

}  // namespace surgetank::windtunnel
