#include "net/http_client.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "net/http_client_connection.h"
#include "net/http_request_writer.h"
#include "net/name_resolver.h"

namespace surgetank {
namespace {

constexpr std::size_t most_waiting = 8192;  // requests that wait for a connection

HttpClientResult failure_of(HttpClientResult::Failure failure, std::string text) {
  HttpClientResult result;
  result.failure = failure;
  result.failure_text = std::move(text);
  return result;
}

bool is_idempotent(std::string_view method) {
  static constexpr std::string_view methods[] = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  return std::find(std::begin(methods), std::end(methods), method) != std::end(methods);
}

}  // namespace

// The pool; its loop's thread only.
struct LoopHttpClient::Shared final : HttpConnectionOwner, std::enable_shared_from_this<LoopHttpClient::Shared> {
  using ExchangePointer = std::shared_ptr<HttpExchange>;
  using ConnectionPointer = std::shared_ptr<HttpClientConnection>;

  Shared(EventLoop& l, LoopHttpClientOptions o) : loop(l), options(std::move(o)) {}

  void start(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done);
  void acquire(const ExchangePointer& exchange);
  void open_connection(const ExchangePointer& exchange);
  void connect(const ExchangePointer& exchange, std::vector<std::string> addresses);
  void expire(const ExchangePointer& exchange);
  void complete(const ExchangePointer& exchange, HttpClientResult result);
  void serve_waiting();
  void close_all();

  void finished(const ExchangePointer& exchange, HttpClientResult result, After after) override;
  void was_stale(const ExchangePointer& exchange) override;
  void closed(const ConnectionPointer& connection) override;

  EventLoop& loop;
  const LoopHttpClientOptions options;
  std::unique_ptr<TlsTrust> trust;  // made for the first https request
  std::map<std::string, std::vector<ConnectionPointer>> idle;  // by origin; never an empty list
  std::set<ConnectionPointer> connections;
  std::set<ExchangePointer> exchanges;  // not finished
  std::deque<ExchangePointer> waiting;
  std::size_t resolving = 0;            // requests that will open a connection
  bool serving = false;
  bool is_closed = false;
};

void LoopHttpClient::Shared::start(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) {
  if (is_closed) return done(failure_of(HttpClientResult::Failure::Connect, "the client is closed"));
  auto url = parse_http_url(request.url);
  if (!url.ok()) return done(failure_of(HttpClientResult::Failure::Protocol, url.error().message));
  if (const auto reason = why_unsendable(request); !reason.empty())
    return done(failure_of(HttpClientResult::Failure::Protocol, std::string(reason)));
  const auto exchange = std::make_shared<HttpExchange>(loop);
  exchange->request = std::move(request);
  exchange->url = std::move(*url);
  exchange->done = std::move(done);
  exchanges.insert(exchange);
  exchange->timer.after(exchange->request.timeout, [this, weak = std::weak_ptr(exchange)] {
    if (const auto late = weak.lock()) expire(late);
  });
  acquire(exchange);
}

void LoopHttpClient::Shared::acquire(const ExchangePointer& exchange) {
  for (auto pool = idle.find(exchange->url.origin()); pool != idle.end() && !exchange->retried; pool = idle.find(exchange->url.origin())) {
    const auto connection = pool->second.back();
    pool->second.pop_back();
    if (pool->second.empty()) idle.erase(pool);
    if (connection->is_usable()) return connection->begin(exchange);
    connection->close();
  }
  if (connections.size() + resolving < options.connections) return open_connection(exchange);
  // Room is made at the expense of an idle connection to somewhere else.
  if (!idle.empty()) {
    const auto victim = idle.begin()->second.front();
    victim->close();
    return open_connection(exchange);
  }
  if (waiting.size() < most_waiting) return waiting.push_back(exchange);
  complete(exchange, failure_of(HttpClientResult::Failure::Connect, "too many requests wait for a connection"));
}

void LoopHttpClient::Shared::open_connection(const ExchangePointer& exchange) {
  if (exchange->url.scheme == HttpUrl::Scheme::Unix) return connect(exchange, {exchange->url.unix_path});
  ++resolving;
  resolve_name(loop, exchange->url.host, [weak = weak_from_this(), exchange](ResolvedName name) {
    const auto self = weak.lock();
    if (!self) return;
    --self->resolving;
    if (exchange->finished) return self->serve_waiting();
    if (name.addresses.empty())
      self->complete(exchange, failure_of(HttpClientResult::Failure::Resolve,
                                          "cannot resolve " + exchange->url.host + ": " + name.failure));
    else
      self->connect(exchange, std::move(name.addresses));
  });
}

void LoopHttpClient::Shared::connect(const ExchangePointer& exchange, std::vector<std::string> addresses) {
  if (exchange->url.scheme == HttpUrl::Scheme::Https && trust == nullptr) {
    try {
      trust = std::make_unique<TlsTrust>(options.trust_file);
    } catch (const std::runtime_error& failure) {
      return complete(exchange, failure_of(HttpClientResult::Failure::Connect, failure.what()));
    }
  }
  const auto connection = std::make_shared<HttpClientConnection>(loop, *this, exchange->url.origin());
  connections.insert(connection);
  connection->connect(exchange, std::move(addresses), trust.get());
}

void LoopHttpClient::Shared::expire(const ExchangePointer& exchange) {
  const std::string text = "no complete answer within " + std::to_string(exchange->request.timeout.ms()) + " ms";
  const auto connection = exchange->connection.lock();
  if (connection && connection->exchange() == exchange) return connection->fail(HttpClientResult::Failure::Timeout, text);
  complete(exchange, failure_of(HttpClientResult::Failure::Timeout, text));
}

void LoopHttpClient::Shared::complete(const ExchangePointer& exchange, HttpClientResult result) {
  if (exchange->finished) return;
  const auto kept = exchange;
  const auto self = shared_from_this();  // `done` may destroy the client
  kept->finished = true;
  kept->timer.cancel();
  exchanges.erase(kept);
  std::erase(waiting, kept);
  kept->done(std::move(result));
  serve_waiting();
}

// Posted, not called: requests that fail at once would otherwise serve each other ever deeper.
void LoopHttpClient::Shared::serve_waiting() {
  if (waiting.empty() || serving) return;
  serving = true;
  loop.post([self = shared_from_this()] {
    self->serving = false;
    while (!self->waiting.empty() && (self->connections.size() + self->resolving < self->options.connections || !self->idle.empty())) {
      const auto next = self->waiting.front();
      self->waiting.pop_front();
      self->acquire(next);
    }
  });
}

void LoopHttpClient::Shared::finished(const ExchangePointer& exchange, HttpClientResult result, After after) {
  const auto connection = exchange->connection.lock();
  if (after == After::Reusable && connection) {
    const auto pool = idle.find(connection->origin());
    if ((pool == idle.end() || pool->second.size() < options.idle_per_origin) && options.idle_per_origin > 0 && !is_closed) {
      idle[connection->origin()].push_back(connection);
      connection->close_after(options.idle_timeout);
    } else {
      connection->close();
    }
  }
  complete(exchange, std::move(result));
}

void LoopHttpClient::Shared::was_stale(const ExchangePointer& exchange) {
  if (exchange->finished) return;
  if (exchange->retried || !is_idempotent(exchange->request.method))
    return complete(exchange, failure_of(HttpClientResult::Failure::Protocol, "the peer closed the connection without an answer"));
  exchange->retried = true;
  acquire(exchange);
}

void LoopHttpClient::Shared::closed(const ConnectionPointer& connection) {
  connections.erase(connection);
  const auto pool = idle.find(connection->origin());
  if (pool == idle.end()) return;
  std::erase(pool->second, connection);
  if (pool->second.empty()) idle.erase(pool);
}

void LoopHttpClient::Shared::close_all() {
  is_closed = true;
  waiting.clear();
  while (!connections.empty()) (*connections.begin())->fail(HttpClientResult::Failure::Connect, "the client is closed");
  while (!exchanges.empty()) {
    const auto exchange = *exchanges.begin();
    complete(exchange, failure_of(HttpClientResult::Failure::Connect, "the client is closed"));
  }
}

LoopHttpClient::LoopHttpClient(EventLoop& loop, LoopHttpClientOptions options)
    : loop_(loop), shared_(std::make_shared<Shared>(loop, std::move(options))) {}

LoopHttpClient::~LoopHttpClient() {
  loop_.run_and_wait([shared = shared_] { shared->close_all(); });
}

void LoopHttpClient::send(HttpClientRequest request, UniqueFunction<void(HttpClientResult)> done) {
  loop_.post([shared = shared_, kept = std::move(request), then = std::move(done)]() mutable {
    shared->start(std::move(kept), std::move(then));
  });
}

}  // namespace surgetank
