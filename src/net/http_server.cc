#include "net/http_server.h"

#include <algorithm>
#include <chrono>

#include "base/assert.h"
#include "net/http_connection.h"
#include "net/http_listener.h"
#include "net/http_server_state.h"

namespace surgetank {
namespace {

// Deadlines are looked at ten times in their span, so they are late by a tenth at most.
Duration sweep_period(const HttpServerOptions& options) {
  const auto shortest = std::min({options.head_deadline, options.idle_timeout, options.body_grace, options.write_grace});
  return std::clamp(Duration{shortest.us / 10}, milliseconds(5), seconds(1));
}

void sweep(HttpLoopState& state) {
  state.sweeping = false;
  const auto now = coarse_steady_now();
  const auto all = state.connections;  // any of them may end any other: handlers answer requests of several
  for (const auto& connection : all) connection->check_deadlines(now);
  if (!state.connections.empty()) state.watch_deadlines();
}

void close_loop(HttpLoopState& state) {
  state.closed = true;
  for (const auto& listener : state.listeners) listener->close();
  state.listeners.clear();
  while (!state.connections.empty()) state.connections.front()->close();
  state.sweep.reset();
}

void drain_loop(HttpLoopState& state) {
  state.draining = true;
  for (const auto& listener : state.listeners) listener->close();
  state.listeners.clear();
  const auto under_way = state.connections;
  for (const auto& connection : under_way) connection->begin_drain();
}

}  // namespace

std::string_view HttpLoopState::date() {
  const auto now = loop.now();
  if (now.epoch_seconds() != date_second) {
    date_second = now.epoch_seconds();
    date_text = http_date(now);
  }
  return date_text;
}

void HttpLoopState::watch_deadlines() {
  if (sweeping) return;
  sweeping = true;
  if (!sweep) sweep.emplace(loop);
  sweep->after(shared.sweep_period, [this] { surgetank::sweep(*this); });
}

bool HttpServer::Shared::admit() {
  if (open.fetch_add(1) < options.connections) return true;
  leave();
  return false;
}

void HttpServer::Shared::leave() {
  if (open.fetch_sub(1) != 1) return;
  const std::lock_guard lock(mutex);
  emptied.notify_all();
}

HttpServer::HttpServer(EventLoops& loops, HttpServerOptions options, Handler handler)
    : shared_(std::make_shared<Shared>(loops, std::move(options), std::move(handler))) {
  SURGE_ASSERT(!shared_->options.loop || *shared_->options.loop < loops.size(), "the loop of a server exists");
  shared_->sweep_period = sweep_period(shared_->options);
  for (std::size_t i = 0; i < loops.size(); ++i) shared_->states.push_back(std::make_unique<HttpLoopState>(*shared_, loops.lane(i)));
  std::vector<Descriptor> sockets;
  for (const auto& wanted : shared_->options.listen) {
    auto& address = shared_->addresses.emplace_back(wanted);
    sockets.push_back(listen_on(address, shared_->options.unix_mode));
  }
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    auto& home = *shared_->states[shared_->options.loop.value_or(i % loops.size())];
    home.loop.run_and_wait([&] {
      const auto listener = std::make_shared<HttpListener>(shared_, home, std::move(sockets[i]), shared_->addresses[i]);
      home.listeners.push_back(listener);
      listener->start();
    });
  }
}

HttpServer::~HttpServer() {
  for (const auto& state : shared_->states) state->loop.run_and_wait([&] { close_loop(*state); });
  shared_->handler = nullptr;
}

const std::vector<ListenAddress>& HttpServer::addresses() const { return shared_->addresses; }

std::uint16_t HttpServer::port() const {
  for (const auto& address : shared_->addresses)
    if (address.kind != ListenAddress::Kind::Unix) return address.port;
  return 0;
}

HttpServer::Drained HttpServer::drain(Duration deadline) {
  for (const auto& state : shared_->states) state->loop.run_and_wait([&] { drain_loop(*state); });
  bool clean = false;
  {
    std::unique_lock lock(shared_->mutex);
    clean = shared_->emptied.wait_for(lock, std::chrono::microseconds(deadline.us), [&] { return shared_->open.load() == 0; });
  }
  if (!clean)
    for (const auto& state : shared_->states) state->loop.run_and_wait([&] { close_loop(*state); });
  return clean ? Drained::Clean : Drained::Forced;
}

HttpServerStatistics HttpServer::statistics() const {
  HttpServerStatistics statistics;
  statistics.accepted = shared_->accepted.load();
  statistics.refused = shared_->turned_away.load();
  for (const auto& state : shared_->states) {
    statistics.requests += state->requests.load();
    statistics.refused += state->refused.load();
  }
  statistics.open = shared_->open.load();
  statistics.memory_bytes = shared_->memory.load();
  return statistics;
}

}  // namespace surgetank
