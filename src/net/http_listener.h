#pragma once
// Accepts the connections of one listening socket and deals them out to the loops in turn. Internal to net/; lives on one loop.
//
// One accepting loop instead of SO_REUSEPORT sockets: measured alike, but the hash spreads a few busy connections unevenly, and
// a second server on the same port would start without an error.
#include <memory>

#include "net/http_server_state.h"
#include "net/socket_watch.h"
#include "net/sockets.h"

namespace surgetank {

class HttpListener final : public SocketEvents, public std::enable_shared_from_this<HttpListener> {
 public:
  HttpListener(std::shared_ptr<HttpServer::Shared> shared, HttpLoopState& home, Descriptor socket, ListenAddress address);
  void start() { watch_.wait_readable(shared_from_this()); }
  void close();  // also removes the file of a unix socket
  void on_readable() override;
  void on_writable() override {}

 private:
  void deal(Accepted accepted);
  void pause(int error);

  std::shared_ptr<HttpServer::Shared> shared_;
  HttpLoopState& home_;
  SocketWatch watch_;
  SteadyTimer retry_;
  ListenAddress address_;
  std::size_t next_loop_ = 0;
  bool closed_ = false;
};

}  // namespace surgetank
