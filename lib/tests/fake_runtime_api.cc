#include "fake_runtime_api.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <stdexcept>

namespace surgetank::function_runtime {
namespace {

std::string lower(std::string text) {
  for (char& character : text) character = static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  return text;
}

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

// Waits until `descriptor` can be read; false when the server shall stop.
bool wait_readable(int descriptor, int stop_descriptor) {
  pollfd wanted[2] = {{descriptor, POLLIN, 0}, {stop_descriptor, POLLIN, 0}};
  while (::poll(wanted, 2, -1) < 0) {
  }
  return wanted[1].revents == 0;
}

}  // namespace

FakeRuntimeApi::FakeRuntimeApi(Transport transport, std::deque<Step> script) : script_(std::move(script)) {
  require(::pipe(stop_pipe_) == 0, "pipe");
  if (transport == Transport::Tcp) {
    listen_on_tcp();
  } else {
    listen_on_unix_socket(transport);
  }
  thread_ = std::thread([this] { serve(); });
}

FakeRuntimeApi::~FakeRuntimeApi() {
  [[maybe_unused]] const ssize_t written = ::write(stop_pipe_[1], "x", 1);
  if (thread_.joinable()) thread_.join();
  ::close(stop_pipe_[0]);
  ::close(stop_pipe_[1]);
}

void FakeRuntimeApi::listen_on_unix_socket(Transport transport) {
  static std::atomic<int> count{0};
  const std::string name = "surgetank-lambda-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
  const char* directory = std::getenv("TMPDIR");
  const bool is_abstract = transport == Transport::AbstractSocket;
  const std::string path = is_abstract ? "@" + name : std::string(directory != nullptr ? directory : "/tmp") + "/" + name;
  endpoint_ = RuntimeEndpoint::unix_socket(path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  require(path.size() < sizeof address.sun_path, "path");
  std::memcpy(address.sun_path, path.data(), path.size());
  if (is_abstract) address.sun_path[0] = '\0';
  if (!is_abstract) socket_path_ = path;
  const std::size_t length = offsetof(sockaddr_un, sun_path) + path.size() + (is_abstract ? 0 : 1);
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(::bind(listener_, reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(length)) == 0, "bind");
  require(::listen(listener_, 8) == 0, "listen");
}

void FakeRuntimeApi::listen_on_tcp() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  require(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  require(::listen(listener_, 8) == 0, "listen");
  socklen_t length = sizeof address;
  require(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  endpoint_ = RuntimeEndpoint::tcp("127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
}

const std::vector<FakeRuntimeApi::Request>& FakeRuntimeApi::requests() {
  if (thread_.joinable()) thread_.join();
  return requests_;
}

void FakeRuntimeApi::serve() {
  for (int number = 0; !is_over_ && wait_readable(listener_, stop_pipe_[0]); ++number) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    serve_connection(connection, number);
    // Stop listening before the client can notice that its connection is gone.
    if (is_over_) ::close(listener_);
    if (is_over_ && !socket_path_.empty()) ::unlink(socket_path_.c_str());
    ::close(connection);
  }
  if (is_over_) return;
  ::close(listener_);
  if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
}

void FakeRuntimeApi::serve_connection(int connection, int number) {
  std::string buffer;
  for (;;) {
    Request request;
    request.connection = number;
    request.came_with_the_one_before = !buffer.empty();
    if (!take_request(connection, buffer, request)) return;
    if (script_.empty()) {
      is_over_ = true;
      return;
    }
    requests_.push_back(std::move(request));
    const Step step = std::move(script_.front());
    script_.pop_front();
    if (step.before_reply) step.before_reply();
    deliver(connection, step);
    if (step.afterwards == Afterwards::HangUp) return;
  }
}

bool FakeRuntimeApi::take_request(int connection, std::string& buffer, Request& request) {
  const auto receive = [&] {
    char bytes[64 * 1024];
    if (!wait_readable(connection, stop_pipe_[0])) {
      is_over_ = true;
      return false;
    }
    const ssize_t length = ::recv(connection, bytes, sizeof bytes, 0);
    if (length > 0) buffer.append(bytes, static_cast<std::size_t>(length));
    return length > 0;
  };
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == buffer.npos) {
    if (!receive()) return false;
  }
  std::size_t position = buffer.find("\r\n");
  const std::string first_line = buffer.substr(0, position);
  request.method = first_line.substr(0, first_line.find(' '));
  request.path = first_line.substr(request.method.size() + 1, first_line.rfind(' ') - request.method.size() - 1);
  while (position < end) {
    const std::size_t line_end = buffer.find("\r\n", position + 2);
    const std::string line = buffer.substr(position + 2, line_end - position - 2);
    request.headers[lower(line.substr(0, line.find(':')))] = line.substr(line.find(':') + 2);
    position = line_end;
  }
  const auto content_length = request.headers.find("content-length");
  const std::size_t body_bytes = content_length == request.headers.end() ? 0 : std::stoul(content_length->second);
  while (buffer.size() < end + 4 + body_bytes) {
    if (!receive()) return false;
  }
  request.body = buffer.substr(end + 4, body_bytes);
  buffer.erase(0, end + 4 + body_bytes);
  return true;
}

void FakeRuntimeApi::deliver(int connection, const Step& step) const {
  const std::size_t piece_bytes = step.delivery == Delivery::ByteByByte ? 1 : step.reply.size();
  for (std::size_t sent = 0; sent < step.reply.size();) {
    const std::size_t wanted = std::min(piece_bytes, step.reply.size() - sent);
    const ssize_t length = ::send(connection, step.reply.data() + sent, wanted, MSG_NOSIGNAL);
    if (length <= 0) return;
    sent += static_cast<std::size_t>(length);
  }
}

FakeRuntimeApi::Step FakeRuntimeApi::event(std::string request_id, std::string body, std::string extra_headers) {
  Step step;
  step.reply = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: " + request_id + "\r\n" +
               extra_headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return step;
}

FakeRuntimeApi::Step FakeRuntimeApi::accepted() { return refused(202, R"({"status":"OK"})"); }

FakeRuntimeApi::Step FakeRuntimeApi::refused(int status, std::string body) {
  Step step;
  step.reply = "HTTP/1.1 " + std::to_string(status) + " Because\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  return step;
}

}  // namespace surgetank::function_runtime
