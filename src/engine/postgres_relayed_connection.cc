#include "engine/postgres_relayed_connection.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace surgetank {
namespace {

constexpr std::size_t piece_bytes = 64 * 1024;
constexpr int pieces_per_turn = 16;
constexpr std::size_t greeting_bytes = 8;
constexpr std::string_view ssl_request{"\0\0\0\x08\x04\xd2\x16\x2f", 8};
constexpr std::string_view gss_request{"\0\0\0\x08\x04\xd2\x16\x30", 8};
constexpr int most_encryption_requests = 2;       // one of each kind; what else comes the server may answer
constexpr Duration greeting_limit = seconds(60);  // PostgreSQL's authentication_timeout
constexpr Duration connect_retry = milliseconds(5);
constexpr int most_connect_attempts = 400;

// A FATAL error as the server would send it.
std::string fatal_message(std::string_view code, std::string_view text) {
  std::string body;
  for (const auto& [field, value] : {std::pair<char, std::string_view>{'S', "FATAL"}, {'V', "FATAL"}, {'C', code}, {'M', text}}) {
    body += field;
    body += value;
    body += '\0';
  }
  body += '\0';
  std::string message = "E";
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  for (int shift = 24; shift >= 0; shift -= 8) message += static_cast<char>(length >> shift & 0xff);
  return message + body;
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK; }

// Empty and errno: EAGAIN means that the server's queue is full.
Descriptor connect_unix(const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  std::memcpy(name.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0) return socket;
  const int failure = errno;
  socket = Descriptor();
  errno = failure;
  return {};
}

}  // namespace

// Hands readiness of one socket to the connection, which may be gone by then.
struct RelayedConnection::Side final : SocketEvents {
  Side(std::weak_ptr<RelayedConnection> its_connection, End its_end) : connection(std::move(its_connection)), end(its_end) {}
  void on_readable() override {
    reading = false;
    const auto kept = connection.lock();
    if (!kept || kept->closed_) return;
    if (kept->server_) {
      kept->move(end);
    } else {
      kept->greet();
    }
  }
  void on_writable() override {
    writing = false;
    const auto kept = connection.lock();
    if (kept && !kept->closed_ && kept->server_) kept->move(end == End::Client ? End::Server : End::Client);
  }
  std::weak_ptr<RelayedConnection> connection;
  End end;
  bool reading = false;
  bool writing = false;
};

RelayedConnection::RelayedConnection(std::shared_ptr<PostgresRelay::Shared> shared, std::uint64_t id, Descriptor client,
                                     EnvironmentHandle owner)
    : shared_(std::move(shared)),
      id_(id),
      owner_(std::move(owner)),
      client_(shared_->loop, client.release()),
      deadline_(shared_->loop),
      accepted_(shared_->loop.now()),
      accepted_trace_(owner_ ? owner_->activity().trace : TraceContext{}) {}

void RelayedConnection::start(CloudLatency* latency) {
  static const auto* row = find_latency("rds", "connect");
  if (latency == nullptr || row == nullptr) return begin();
  deadline_.after(latency->draw(*row), [self = weak_from_this()] {
    if (const auto kept = self.lock(); kept && !kept->closed_) kept->begin();
  });
}

void RelayedConnection::begin() {
  client_side_ = std::make_shared<Side>(weak_from_this(), End::Client);
  server_side_ = std::make_shared<Side>(weak_from_this(), End::Server);
  deadline_.after(greeting_limit, [self = weak_from_this()] {
    if (const auto kept = self.lock()) kept->close();
  });
  greet();
}

void RelayedConnection::close() {
  if (closed_) return;
  closed_ = true;
  const auto self = shared_from_this();
  observer_.ended(shared_->loop.now());
  deadline_.cancel();
  client_.close();
  if (server_) server_->close();
  shared_->connections.erase(id_);
  const std::lock_guard lock(shared_->mutex);
  shared_->open.erase(id_);
}

void RelayedConnection::wait_readable(End end) {
  const auto& side = end == End::Client ? client_side_ : server_side_;
  if (std::exchange(side->reading, true)) return;
  watch(end).wait_readable(side);
}

void RelayedConnection::wait_writable(End end) {
  const auto& side = end == End::Client ? client_side_ : server_side_;
  if (std::exchange(side->writing, true)) return;
  watch(end).wait_writable(side);
}

// Reads exactly the first eight bytes: they tell whether we answer or the server does.
void RelayedConnection::greet() {
  while (greeting_.size() < greeting_bytes) {
    char buffer[greeting_bytes];
    const auto got = ::recv(client_.descriptor(), buffer, greeting_bytes - greeting_.size(), 0);
    if (got == -1 && would_block()) {
      client_.note_drained();
      return wait_readable(End::Client);
    }
    if (got <= 0) return close();
    greeting_.append(buffer, static_cast<std::size_t>(got));
    if ((greeting_ == ssl_request || greeting_ == gss_request) && ++encryption_requests_ <= most_encryption_requests) {
      greeting_.clear();
      if (::send(client_.descriptor(), "N", 1, MSG_NOSIGNAL) != 1) return close();
    }
  }
  connect_server();
}

void RelayedConnection::connect_server() {
  if (closed_) return;
  auto socket = connect_unix(shared_->options.server_socket);
  if (!socket && would_block() && ++connect_attempts_ < most_connect_attempts) {
    return deadline_.after(connect_retry, [self = weak_from_this()] {
      if (const auto kept = self.lock()) kept->connect_server();
    });
  }
  if (!socket) return refuse("the database system is not running");
  deadline_.cancel();
  server_.emplace(shared_->loop, socket.release());
  observer_.from_client(greeting_, accepted_);
  up_.waiting = std::exchange(greeting_, {});
  move(End::Client);
  if (!closed_) move(End::Server);
}

void RelayedConnection::refuse(std::string_view reason) {
  const auto message = fatal_message("57P03", reason);
  [[maybe_unused]] const auto sent = ::send(client_.descriptor(), message.data(), message.size(), MSG_NOSIGNAL);
  on_connected("57P03: " + std::string(reason), shared_->loop.now());
  close();
}

// Takes what `from` has to its peer, until one of them makes us wait or the turn is over.
void RelayedConnection::move(End from) {
  const auto self = shared_from_this();
  for (int i = 0; i < pieces_per_turn && !closed_; ++i) {
    auto progress = write_some(from);
    if (progress == Progress::Going) progress = read_some(from);
    if (progress != Progress::Going) return;
  }
  if (!closed_)
    shared_->loop.post([self, from] {
      if (!self->closed_) self->move(from);
    });
}

RelayedConnection::Progress RelayedConnection::write_some(End from) {
  auto& flow = direction(from);
  const auto to = from == End::Client ? End::Server : End::Client;
  while (flow.written < flow.waiting.size()) {
    const auto sent = ::send(watch(to).descriptor(), flow.waiting.data() + flow.written, flow.waiting.size() - flow.written, MSG_NOSIGNAL);
    if (sent == -1 && would_block()) {
      wait_writable(to);
      return Progress::Waiting;
    }
    if (sent == -1 && errno != EINTR) {
      if (to == End::Client) {
        close();
        return Progress::Over;
      }
      flow.discard = true;  // the server has left; what it said before is still on its way
      break;
    }
    if (sent > 0) flow.written += static_cast<std::size_t>(sent);
  }
  flow.waiting = {};
  flow.written = 0;
  if (!flow.ended) return Progress::Going;
  if (from == End::Server) {
    close();
  } else if (!std::exchange(flow.passed_on, true)) {
    ::shutdown(server_->descriptor(), SHUT_WR);
  }
  return Progress::Over;
}

RelayedConnection::Progress RelayedConnection::read_some(End from) {
  auto& flow = direction(from);
  char buffer[piece_bytes];
  const auto got = ::recv(watch(from).descriptor(), buffer, sizeof buffer, 0);
  if (got == -1 && errno == EINTR) return Progress::Going;
  if (got == -1 && would_block()) {
    watch(from).note_drained();
    wait_readable(from);
    return Progress::Waiting;
  }
  if (got == -1 && from == End::Client) {
    close();
    return Progress::Over;
  }
  if (got <= 0) {
    flow.ended = true;
    return Progress::Going;  // what is left to do, write_some does
  }
  const std::string_view bytes(buffer, static_cast<std::size_t>(got));
  const auto now = shared_->loop.now();
  if (from == End::Client) {
    observer_.from_client(bytes, now);
  } else {
    observer_.from_server(bytes, now);
  }
  if (!flow.discard) flow.waiting = bytes;
  return Progress::Going;
}

void RelayedConnection::on_startup(const std::string& user, const std::string& database) {
  user_ = user;
  database_ = database;
  const std::lock_guard lock(shared_->mutex);
  auto& open = shared_->open[id_];
  open.user = user;
  open.database = database;
}

void RelayedConnection::on_connected(const std::string& fault, Instant now) {
  report("db-connect", "connect " + database_, accepted_, now - accepted_, fault, accepted_trace_);
}

void RelayedConnection::on_statement(PostgresStatement statement) {
  report("db-statement", statement.text, statement.start, statement.length, statement.fault, statement.trace);
}

TraceContext RelayedConnection::current_trace() { return owner_ ? owner_->activity().trace : TraceContext{}; }

void RelayedConnection::report(const char* kind, const std::string& name, Instant start, Duration length, const std::string& fault,
                               const TraceContext& trace) {
  auto* telemetry = shared_->options.telemetry;
  if (telemetry == nullptr || trace.root.empty()) return;
  Span span;
  span.trace_root = trace.root;
  span.id = new_span_id(shared_->random);
  span.parent = trace.parent;
  span.kind = kind;
  span.name = name;
  span.start = start;
  span.length = length;
  span.fault = fault;
  span.attributes = {{"database", database_}, {"instance", shared_->options.identifier}, {"user", user_}};
  telemetry->span(std::move(span));
}

}  // namespace surgetank
