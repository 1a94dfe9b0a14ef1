#pragma once
// The one connection of a function process to the Lambda Runtime API.
//
// What it is   A blocking stream socket, unix or TCP, with write-all and read-one-reply on top. It stays open between
//              requests; the caller decides when to connect again.
// Who owns it  RuntimeLoop; used by one thread.
// What fails   The peer, as values. Interrupted system calls go on where they were; SIGPIPE is never raised.
#include <string>
#include <string_view>

#include "reply_reader.h"

namespace surgetank::function_runtime {

struct RuntimeEndpoint {
  enum class Kind { UnixSocket, Tcp };
  Kind kind = Kind::Tcp;
  std::string address;  // socket path or `@abstract name`; for TCP the host: a name, an IPv4 address, or IPv6 without []
  std::string port;     // TCP only
  std::string host_header;

  // A path or `@name`, as in SURGETANK_RUNTIME_SOCKET.
  static RuntimeEndpoint unix_socket(std::string path);
  // `host:port` or `[v6]:port`, as in AWS_LAMBDA_RUNTIME_API; an empty `address` means that it is neither.
  static RuntimeEndpoint tcp(std::string_view host_and_port);
};

class RuntimeConnection {
 public:
  explicit RuntimeConnection(RuntimeEndpoint endpoint) : endpoint_(std::move(endpoint)) {}
  ~RuntimeConnection() { close(); }
  RuntimeConnection(const RuntimeConnection&) = delete;
  RuntimeConnection& operator=(const RuntimeConnection&) = delete;

  const RuntimeEndpoint& endpoint() const { return endpoint_; }
  bool is_open() const { return socket_ >= 0; }

  enum class Outcome {
    Done,
    Closed,    // the peer is gone, and it was at a point where trying again on a new connection makes sense
    Malformed  // the peer does not speak HTTP as we know it; problem() says how
  };

  // Does nothing when open. Closed: nobody listens there; problem() says what the system said.
  Outcome open();
  void close();

  // Sends the pieces in order, without copying them, as one write as far as the socket takes it.
  Outcome write(std::string_view head, std::string_view body = {}, std::string_view next = {});

  // Waits for the next reply, without a time limit: a function may sleep for hours between two invocations.
  Outcome read(Reply& reply);

  const std::string& problem() const { return problem_; }

 private:
  Outcome fail(Outcome outcome, std::string problem);
  Outcome open_unix_socket();
  Outcome open_tcp();
  bool connect_to(int family, const void* address, unsigned length);  // sets socket_

  RuntimeEndpoint endpoint_;
  int socket_ = -1;
  ReplyReader reader_;
  std::string received_;      // bytes read from the socket that belong to a later reply
  std::string problem_;
};

}  // namespace surgetank::function_runtime
