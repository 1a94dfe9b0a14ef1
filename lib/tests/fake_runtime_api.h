#pragma once
// A Runtime API server that follows a script, for the tests of this library.
//
// What it is   A real listening socket (unix or TCP on the loopback address) and one thread that serves one connection at
//              a time. Each request consumes the next step of the script; a request after the last step ends the server:
//              it closes the connection and stops listening, which is how a test ends the loop under test.
// Who owns it  The test. The destructor ends the thread, whatever it waits for.
// What fails   A failing system call in the constructor throws. A bind address, path and port are its own, chosen free.
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "runtime_connection.h"

namespace surgetank::function_runtime {

class FakeRuntimeApi {
 public:
  enum class Transport { UnixSocket, AbstractSocket, Tcp };
  enum class Delivery { Whole, ByteByByte };
  enum class Afterwards { KeepOpen, HangUp };

  struct Step {
    std::string reply;  // raw bytes; may be empty
    Afterwards afterwards = Afterwards::KeepOpen;
    Delivery delivery = Delivery::Whole;
    std::function<void()> before_reply{};
  };
  struct Request {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;
    std::string body;
    int connection = 0;                  // 0 for the first one that was accepted
    bool came_with_the_one_before = false;  // it was there, unasked, when the request before it had been read
  };

  FakeRuntimeApi(Transport transport, std::deque<Step> script);
  ~FakeRuntimeApi();

  const RuntimeEndpoint& endpoint() const { return endpoint_; }

  // All that came, in order. Waits for the end of the server.
  const std::vector<Request>& requests();

  // "HTTP/1.1 200 OK" with this body and an event's usual headers, changed and completed by `extra_headers`.
  static Step event(std::string request_id, std::string body, std::string extra_headers = "");
  static Step accepted();
  static Step refused(int status, std::string body);

 private:
  void listen_on_unix_socket(Transport transport);
  void listen_on_tcp();
  void serve();
  void serve_connection(int connection, int number);
  bool take_request(int connection, std::string& buffer, Request& request);
  void deliver(int connection, const Step& step) const;

  RuntimeEndpoint endpoint_;
  std::deque<Step> script_;
  std::vector<Request> requests_;
  std::string socket_path_;  // to be removed
  int listener_ = -1;
  int stop_pipe_[2] = {-1, -1};
  bool is_over_ = false;  // server thread only
  std::thread thread_;
};

}  // namespace surgetank::function_runtime
