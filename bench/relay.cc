// The least that a warm invocation can cost on this machine: client -> HTTP -> function process -> client and nothing else. One thread,
// one epoll; clients over TCP, functions over a unix socket with the Runtime API's own requests. No routing, no event, no log, no
// limits: a ceiling for benchmarks, not a server.
//   relay CLIENT_PORT FUNCTION_SOCKET [FUNCTION_TCP_PORT]
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace {

struct Connection {
  int descriptor = -1;
  bool function = false;
  std::string in;
  int serving = -1;  // a function: the client whose request it has
};

std::map<int, std::unique_ptr<Connection>> connections;
std::deque<int> idle_functions;
std::deque<std::pair<int, std::string>> waiting;  // client and body
int poller = -1;
std::uint64_t next_request = 1;

void send_all(int descriptor, const std::string& bytes) {
  // Answers are small and peers are waiting for them; a full buffer would only mean a broken benchmark.
  if (::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) std::perror("send");
}

void watch(int descriptor, bool function) {
  auto connection = std::make_unique<Connection>();
  connection->descriptor = descriptor;
  connection->function = function;
  connections[descriptor] = std::move(connection);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = descriptor;
  ::epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

void hand_out() {
  while (!waiting.empty() && !idle_functions.empty()) {
    auto [client, body] = std::move(waiting.front());
    waiting.pop_front();
    const int function = idle_functions.front();
    idle_functions.pop_front();
    if (!connections.contains(function)) continue;
    connections[function]->serving = client;
    send_all(
        function,
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-" +
            std::to_string(100000000000 + next_request++ % 900000000000) +
            "\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\nLambda-Runtime-Invoked-Function-Arn: "
            "arn:aws:lambda:us-east-1:000000000000:function:f"
            "\r\nLambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body);
  }
}

// The next whole request in `in`: its head and body; empty head if there is none yet.
std::pair<std::string, std::string> take_request(std::string& in) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  std::size_t length = 0;
  for (const char* name : {"Content-Length: ", "content-length: "})
    if (const auto at = in.find(name); at != std::string::npos && at < end) length = std::strtoul(in.c_str() + at + 16, nullptr, 10);
  if (in.size() < end + 4 + length) return {};
  std::pair<std::string, std::string> request{in.substr(0, end), in.substr(end + 4, length)};
  in.erase(0, end + 4 + length);
  return request;
}

void serve(Connection& connection) {
  for (;;) {
    auto [head, body] = take_request(connection.in);
    if (head.empty()) return;
    if (!connection.function) {
      waiting.emplace_back(connection.descriptor, "{\"body\":\"" + body + "\"}");
    } else if (head.substr(0, 4) == "GET ") {
      idle_functions.push_back(connection.descriptor);
    } else {
      if (connections.contains(connection.serving))
        send_all(connection.serving,
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      send_all(connection.descriptor,
               "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}");
    }
    hand_out();
  }
}

int listen_tcp(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 1024) != 0) std::exit(1);
  return listener;
}

int listen_unix(const char* path) {
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  ::unlink(path);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 1024) != 0) std::exit(1);
  return listener;
}

void read_from(Connection& connection) {
  char buffer[65536];
  const auto got = ::recv(connection.descriptor, buffer, sizeof buffer, 0);
  if (got <= 0) {
    ::close(connection.descriptor);
    connections.erase(connection.descriptor);
    return;
  }
  connection.in.append(buffer, static_cast<std::size_t>(got));
  serve(connection);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  poller = ::epoll_create1(0);
  const int clients = listen_tcp(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int functions = listen_unix(argv[2]);
  const int functions_tcp = argc > 3 ? listen_tcp(static_cast<std::uint16_t>(std::atoi(argv[3]))) : -1;
  for (const int listener : {clients, functions, functions_tcp})
    if (listener >= 0) watch(listener, false);
  epoll_event events[256];
  for (;;) {
    const int count = ::epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      const int descriptor = events[i].data.fd;
      if (descriptor == clients || descriptor == functions || descriptor == functions_tcp) {
        const int accepted = ::accept(descriptor, nullptr, nullptr);
        const int one = 1;
        ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(accepted, descriptor != clients);
      } else if (connections.contains(descriptor)) {
        read_from(*connections[descriptor]);
      }
    }
  }
}
