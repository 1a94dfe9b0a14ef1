#include "engine/runtime_api.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/log.h"
#include "net/http_parser.h"
#include "net/listen_address.h"
#include "net/output_queue.h"
#include "net/socket_watch.h"
#include "net/sockets.h"

namespace surgetank {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t most_connections = 64;  // of one environment
// Above the largest response, so that one that is too large is answered rather than cut off.
constexpr HttpLimits limits{.head_bytes = 64 * 1024, .target_bytes = 2048, .headers = 64, .body_bytes = std::size_t{64} << 20};

}  // namespace

// One connection of a runtime.
class RuntimeConnection final : public SocketEvents, public std::enable_shared_from_this<RuntimeConnection> {
 public:
  RuntimeConnection(RuntimeApi& api, EventLoop& loop, int socket) : api_(&api), watch_(loop, socket), parser_(limits) {}

  void start() { watch_.wait_readable(shared_from_this()); }

  void on_readable() override {
    if (api_ == nullptr) return;
    const auto self = shared_from_this();
    read();
    if (api_ != nullptr) watch_.wait_readable(self);
  }

  void on_writable() override {
    writes_when_ready_ = false;
    flush();
  }

  // Reads until there is nothing more for now, and answers.
  void read() {
    thread_local std::array<char, read_bytes> buffer;
    while (api_ != nullptr) {
      const ssize_t count = ::recv(watch_.descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return watch_.note_drained();
      if (count <= 0) return close();
      const bool drained = static_cast<std::size_t>(count) < buffer.size();
      if (drained) watch_.note_drained();
      process({buffer.data(), static_cast<std::size_t>(count)});
      if (drained) return;
    }
  }

  void reply(int status, std::string_view body, RuntimeProtocol::Follow follow) {
    RuntimeProtocol::append_reply(status, body, follow, output_.tail());
    if (follow == RuntimeProtocol::Follow::Close) closes_ = true;
  }

  void send_event(InvocationEvent event) {
    RuntimeProtocol::append_event_head(event, output_.tail());
    output_.append_body(std::move(event.payload));
    if (!handling_) flush();
  }

  // The api lets go of it.
  void detach() {
    api_ = nullptr;
    watch_.close();
  }

  void flush() {
    if (api_ == nullptr || writes_when_ready_ || output_.empty()) return;
    switch (output_.write_to(watch_.descriptor())) {
      case OutputQueue::Written::All:
        if (closes_) close();
        return;
      case OutputQueue::Written::Failed: return close();
      case OutputQueue::Written::Blocked:
        writes_when_ready_ = true;
        watch_.wait_writable(shared_from_this());
    }
  }

 private:
  void process(std::string_view bytes) {
    handling_ = true;
    while (!bytes.empty() && api_ != nullptr && !closes_) {
      bytes.remove_prefix(parser_.feed(bytes));
      if (parser_.state() == HttpRequestParser::State::Complete) {
        const bool last = parser_.persistence() == Persistence::Close;
        api_->handle(*this, parser_.take());
        if (last) closes_ = true;
      } else if (parser_.state() == HttpRequestParser::State::Failed) {
        reply(parser_.fault().status, "{\"errorMessage\":\"" + std::string(parser_.fault().text) + "\",\"errorType\":\"InvalidRequest\"}",
              RuntimeProtocol::Follow::Close);
      } else if (parser_.state() == HttpRequestParser::State::Body && parser_.expectation() == Expectation::Continue && !continued_) {
        output_.tail() += "HTTP/1.1 100 Continue\r\n\r\n";
        continued_ = true;
      }
      if (parser_.at_start()) continued_ = false;
    }
    if (api_ != nullptr) api_->events_.on_requests_handled();
    handling_ = false;
    // A runtime that has asked for the next event in the same breath does not wait for our "accepted". It goes out together with that
    // event, which saves both sides a system call and the runtime a wakeup.
    if (api_ != nullptr && api_->waiting_ == this && !closes_) return;
    flush();
  }

  void close() {
    if (api_ != nullptr) api_->closed(*this);
  }

  RuntimeApi* api_;  // null once detached
  SocketWatch watch_;
  HttpRequestParser parser_;
  OutputQueue output_;
  bool handling_ = false;
  bool writes_when_ready_ = false;
  bool continued_ = false;
  bool closes_ = false;
};

class RuntimeListener final : public SocketEvents, public std::enable_shared_from_this<RuntimeListener> {
 public:
  RuntimeListener(RuntimeApi& api, EventLoop& loop, Descriptor socket) : api_(&api), watch_(loop, socket.release()) {}
  void start() { watch_.wait_readable(shared_from_this()); }
  void detach() {
    api_ = nullptr;
    watch_.close();
  }
  void on_readable() override {
    accept_all();
    if (api_ != nullptr) watch_.wait_readable(shared_from_this());
  }
  void on_writable() override {}
  void accept_all() {
    while (api_ != nullptr) {
      Accepted accepted = accept_from(watch_.descriptor());
      if (!accepted.socket) return;  // a fault too is renewed by the next wait
      api_->accepted(accepted.socket.release());
    }
  }

 private:
  RuntimeApi* api_;
  SocketWatch watch_;
};

RuntimeApi::RuntimeApi(EventLoop& loop, const std::string& socket_path, RuntimeApiEvents& events) : loop_(loop), events_(events) {
  ListenAddress unix_address{.kind = ListenAddress::Kind::Unix, .host = {}, .path = socket_path};
  ListenAddress tcp{.kind = ListenAddress::Kind::Ip4, .host = "127.0.0.1", .path = {}};
  for (ListenAddress* const address : {&unix_address, &tcp}) {
    listeners_.push_back(std::make_shared<RuntimeListener>(*this, loop, listen_on(*address, 0600)));
    listeners_.back()->start();
  }
  tcp_address_ = "127.0.0.1:" + std::to_string(tcp.port);
}

RuntimeApi::~RuntimeApi() {
  restart();
  for (const auto& listener : listeners_) listener->detach();
}

std::string RuntimeApi::tcp_address() const { return tcp_address_; }

void RuntimeApi::deliver(InvocationEvent event) {
  if (waiting_ == nullptr) {
    undelivered_ = std::move(event);
    return;
  }
  protocol_.delivered(event.request_id);
  RuntimeConnection* const connection = std::exchange(waiting_, nullptr);
  connection->send_event(std::move(event));
}

void RuntimeApi::read_what_is_left() {
  for (const auto& listener : listeners_) listener->accept_all();
  const auto connections = connections_;
  for (const auto& connection : connections) connection->read();
}

void RuntimeApi::restart() {
  waiting_ = nullptr;
  undelivered_.reset();
  protocol_.restart();
  const auto connections = std::move(connections_);
  connections_.clear();
  for (const auto& connection : connections) connection->detach();
}

void RuntimeApi::accepted(int socket) {
  auto connection = std::make_shared<RuntimeConnection>(*this, loop_, socket);
  if (connections_.size() >= most_connections) {
    connection->detach();
    return;
  }
  connections_.push_back(connection);
  connection->start();
}

void RuntimeApi::handle(RuntimeConnection& connection, HttpRequest request) {
  const bool was_ready = is_ready();
  RuntimeReply reply = protocol_.handle(request);
  if (reply.effect == RuntimeReply::Effect::AskedNext) return asked_next(connection, was_ready);
  connection.reply(reply.status, reply.body, RuntimeProtocol::Follow::KeepAlive);
  switch (reply.effect) {
    case RuntimeReply::Effect::Responded: return events_.on_response(std::move(request.body));
    case RuntimeReply::Effect::Failed: return events_.on_error(std::move(reply.error_type), std::move(reply.payload));
    case RuntimeReply::Effect::InitFailed: return events_.on_init_error(std::move(reply.error_type), std::move(reply.payload));
    default: return;
  }
}

void RuntimeApi::asked_next(RuntimeConnection& connection, bool again) {
  if (waiting_ != nullptr) {
    waiting_->reply(403, R"({"errorMessage":"The runtime has asked again","errorType":"InvalidStateTransition"})",
                    RuntimeProtocol::Follow::KeepAlive);
    if (waiting_ != &connection) waiting_->flush();
  }
  waiting_ = &connection;
  if (undelivered_) {
    InvocationEvent event = std::move(*undelivered_);
    undelivered_.reset();
    deliver(std::move(event));
  } else if (!again) {
    events_.on_next();
  }
}

void RuntimeApi::closed(RuntimeConnection& connection) {
  if (waiting_ == &connection) waiting_ = nullptr;
  const auto found = std::find_if(connections_.begin(), connections_.end(), [&](const auto& one) { return one.get() == &connection; });
  if (found == connections_.end()) return;
  const auto kept = std::move(*found);
  connections_.erase(found);
  kept->detach();
}

}  // namespace surgetank
