#pragma once
// The Lambda Runtime API of one environment on sockets: a unix socket for our bootstraps and library, and a TCP port on loopback for
// every other runtime client. One loop, its thread only. The protocol itself is runtime_protocol.h.
//
// The environment is told what the runtime did through RuntimeApiEvents, in order; several requests of one read (a result and the
// request for the next invocation) are told first and written back together, after on_requests_handled().
// Failure: std::system_error from the constructor; later a broken connection is simply closed (the end of the process tells more).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime_protocol.h"
#include "net/event_loop.h"

namespace surgetank {

class RuntimeConnection;
class RuntimeListener;

class RuntimeApiEvents {
 public:
  virtual ~RuntimeApiEvents() = default;
  virtual void on_next() = 0;
  virtual void on_response(std::string payload) = 0;
  virtual void on_error(std::string error_type, std::string payload) = 0;
  virtual void on_init_error(std::string error_type, std::string payload) = 0;
  // All requests that one read brought have been told. May destroy the RuntimeApi.
  virtual void on_requests_handled() = 0;
};

class RuntimeApi {
 public:
  RuntimeApi(EventLoop& loop, const std::string& socket_path, RuntimeApiEvents& events);
  ~RuntimeApi();  // closes everything
  RuntimeApi(const RuntimeApi&) = delete;
  RuntimeApi& operator=(const RuntimeApi&) = delete;

  std::string tcp_address() const;  // "127.0.0.1:9001"
  // The runtime waits for an invocation.
  bool is_ready() const { return protocol_.state() == RuntimeProtocol::State::Ready; }
  // Only when it is_ready(). An event for a runtime whose connection has just broken waits for its next request.
  void deliver(InvocationEvent event);
  // Handles what a process that has ended left in its sockets.
  void read_what_is_left();
  // Closes the connections of a process that is gone, and waits for those of the next one.
  void restart();

 private:
  friend class RuntimeConnection;
  friend class RuntimeListener;
  void accepted(int socket);
  void handle(RuntimeConnection& connection, HttpRequest request);
  void asked_next(RuntimeConnection& connection, bool again);
  void closed(RuntimeConnection& connection);

  EventLoop& loop_;
  RuntimeApiEvents& events_;
  RuntimeProtocol protocol_;
  std::string tcp_address_;
  std::vector<std::shared_ptr<RuntimeListener>> listeners_;
  std::vector<std::shared_ptr<RuntimeConnection>> connections_;
  RuntimeConnection* waiting_ = nullptr;  // whose `next` is unanswered
  std::optional<InvocationEvent> undelivered_;
};

}  // namespace surgetank
