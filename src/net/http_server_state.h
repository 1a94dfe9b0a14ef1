#pragma once
// What the connections of one HttpServer share. Internal to net/: http_server.cc owns it, http_connection.cc works on it.
// Shared: any thread, for the life of the server and of every reply. HttpLoopState: its loop's thread only.
#include <atomic>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "net/http_server.h"
#include "net/steady_timer.h"

namespace surgetank {

class HttpConnection;
class HttpListener;

struct HttpLoopState {
  HttpLoopState(HttpServer::Shared& s, EventLoop& l) : shared(s), loop(l) {}
  std::string_view date();  // of an HTTP Date header, made once a second
  void watch_deadlines();   // while there are connections

  HttpServer::Shared& shared;
  EventLoop& loop;
  std::list<std::shared_ptr<HttpConnection>> connections;
  std::vector<std::shared_ptr<HttpListener>> listeners;
  std::vector<char> read_buffer;          // for the connection that is being read
  std::optional<SteadyTimer> sweep;       // looks at all deadlines of the loop; set while there are connections
  bool sweeping = false;
  bool draining = false;
  bool closed = false;
  std::int64_t date_second = -1;
  std::string date_text;
  std::atomic<std::uint64_t> requests{0};  // written by the loop only
  std::atomic<std::uint64_t> refused{0};
};

struct HttpServer::Shared {
  Shared(EventLoops& l, HttpServerOptions o, Handler h) : loops(l), options(std::move(o)), handler(std::move(h)) {}
  // A connection is counted from accept on; false when there are too many.
  bool admit();
  void leave();

  EventLoops& loops;
  const HttpServerOptions options;
  Handler handler;
  Duration sweep_period;
  std::vector<ListenAddress> addresses;
  std::vector<std::unique_ptr<HttpLoopState>> states;  // one per loop
  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> turned_away{0};
  std::atomic<std::size_t> memory{0};
  std::atomic<std::size_t> open{0};
  std::mutex mutex;
  std::condition_variable emptied;  // open fell to 0
};

}  // namespace surgetank
