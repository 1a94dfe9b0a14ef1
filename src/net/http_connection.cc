#include "net/http_connection.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>

#include "base/assert.h"
#include "base/log.h"

namespace surgetank {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr int reads_per_turn = 16;                       // then the loop's other work gets its turn
constexpr std::size_t uncharged_bytes = 16 * 1024;       // of each connection: small requests touch no shared counter
constexpr std::size_t discard_bytes = 16 * 1024;
constexpr Duration linger_time = seconds(2);

// The reply that the handler gets. It may be called or destroyed on any thread; the connection is touched on its loop only. When the
// connection is closed its loop may be gone too, and is left alone.
class Reply {
 public:
  Reply(std::shared_ptr<HttpConnection> connection, std::uint64_t number) : connection_(std::move(connection)), number_(number) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) = delete;
  ~Reply() {
    if (connection_ == nullptr || connection_->is_closed()) return;
    auto& loop = connection_->loop();
    if (loop.here())
      connection_->abandon(number_);
    else
      loop.post([connection = std::move(connection_), number = number_] { connection->abandon(number); });
  }
  void operator()(HttpResponse response) {
    SURGE_ASSERT(connection_ != nullptr, "a request is answered once");
    const auto connection = std::move(connection_);
    if (connection->is_closed()) return;
    auto& loop = connection->loop();
    if (loop.here()) return connection->answer(number_, std::move(response));
    loop.post([connection, number = number_, kept = std::move(response)]() mutable { connection->answer(number, std::move(kept)); });
  }

 private:
  std::shared_ptr<HttpConnection> connection_;
  std::uint64_t number_;
};

HttpResponse plain_text(int status, std::string_view text) {
  return {.status = status, .headers = {{"Content-Type", "text/plain"}}, .body = std::string(text) + "\n"};
}

Duration time_for(Duration grace, std::uint64_t bytes, std::size_t bytes_per_second) {
  return grace + microseconds(static_cast<std::int64_t>(bytes * 1'000'000 / bytes_per_second));
}

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<HttpServer::Shared> shared, HttpLoopState& state, Accepted accepted)
    : shared_(std::move(shared)),
      state_(state),
      watch_(state.loop, accepted.socket.release()),
      peer_address_(std::move(accepted.peer_address)),
      peer_port_(accepted.peer_port),
      parser_(shared_->options.limits),
      phase_since_(coarse_steady_now()) {}

void HttpConnection::start(std::list<std::shared_ptr<HttpConnection>>::iterator place) {
  place_ = place;
  state_.watch_deadlines();
  want_input();
}

bool HttpConnection::may_parse() const {
  return !reading_done_ && slots_.size() < shared_->options.unanswered_per_connection &&
         output_.size() <= shared_->options.unsent_bytes_per_connection;
}

void HttpConnection::on_readable() {
  waiting_readable_ = false;
  if (life_ == Life::Closed) return;
  if (life_ == Life::Lingering) return discard_input();
  read_some();
  if (life_ == Life::Open) settle();
}

void HttpConnection::read_some() {
  auto& buffer = state_.read_buffer;
  if (buffer.empty()) buffer.resize(read_bytes);
  for (int round = 0; round < reads_per_turn && may_parse() && backlog_.empty(); ++round) {
    const auto got = ::recv(watch_.descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) {
      const bool drained = static_cast<std::size_t>(got) < buffer.size();
      if (drained) watch_.note_drained();
      process({buffer.data(), static_cast<std::size_t>(got)});
      if (drained) return;
    } else if (got == 0) {
      peer_ended_ = reading_done_ = true;
      client_left_->store(true, std::memory_order_relaxed);
    } else if (errno != EINTR) {
      if (errno != EAGAIN && errno != EWOULDBLOCK) return close();
      watch_.note_drained();
      return;
    }
  }
}

void HttpConnection::process(std::string_view bytes) {
  corked_ = true;
  while (!bytes.empty() && may_parse()) {
    bytes.remove_prefix(parser_.feed(bytes));
    note_phase();
    switch (parser_.state()) {
      case HttpRequestParser::State::Complete:
        dispatch();
        queue_ready_answers();  // so that may_parse() sees what is unsent
        break;
      case HttpRequestParser::State::Failed: refuse(parser_.fault().status, parser_.fault().text); break;
      case HttpRequestParser::State::Head:
      case HttpRequestParser::State::Body: break;
    }
  }
  if (!bytes.empty() && !reading_done_) backlog_.append(bytes);
  // Closing with unread input would reset the connection and could destroy the last answer on its way.
  if (!bytes.empty() && reading_done_ && ending_ == Ending::Plain) ending_ = Ending::Linger;
  corked_ = false;
  if (!account() && partial_body() > 0) refuse(503, "too many request bodies are under way");
}

void HttpConnection::note_phase() {
  const bool head_done = parser_.state() == HttpRequestParser::State::Body || parser_.state() == HttpRequestParser::State::Complete;
  const auto phase = head_done ? Phase::Body : parser_.at_start() ? Phase::Idle : Phase::Head;
  if (phase == phase_) return;
  phase_ = phase;
  phase_since_ = coarse_steady_now();
  if (phase != Phase::Body) return;
  head_complete_ = state_.loop.now();
  continue_wanted_ = parser_.expectation() == Expectation::Continue && parser_.body_received() == 0;
}

void HttpConnection::dispatch() {
  const auto persistence = parser_.persistence();
  HttpRequest request = parser_.take();
  request.peer_address = peer_address_;
  request.peer_port = peer_port_;
  request.received = head_complete_;
  request.client_left = client_left_;
  phase_ = Phase::Idle;
  first_request_ = continue_wanted_ = false;
  if (persistence == Persistence::Close) reading_done_ = true;
  const auto number = first_number_ + slots_.size();
  auto& slot = slots_.emplace_back();
  slot.method = request.method == "HEAD" ? AnswerTo::Head : AnswerTo::OtherMethod;
  slot.persistence = persistence;
  slot.body_bytes = request.body.size();
  slot_bytes_ += slot.body_bytes;
  state_.requests.store(state_.requests.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  try {
    shared_->handler(std::move(request), Reply(shared_from_this(), number));
  } catch (const std::exception& failure) {
    log_line(LogLevel::Error, "http", std::string("the handler failed: ") + failure.what());
  }
}

// Answers instead of the handler; nothing that follows is read as a request.
void HttpConnection::refuse(int status, std::string_view text) {
  reading_done_ = true;
  continue_wanted_ = false;
  ending_ = Ending::Linger;
  state_.refused.store(state_.refused.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  auto& slot = slots_.emplace_back();
  slot.ready = true;
  slot.persistence = Persistence::Close;
  slot.response = plain_text(status, text);
}

HttpConnection::Slot* HttpConnection::find_slot(std::uint64_t number) {
  if (life_ != Life::Open || number < first_number_ || number - first_number_ >= slots_.size()) return nullptr;
  return &slots_[number - first_number_];
}

void HttpConnection::answer(std::uint64_t number, HttpResponse response) {
  auto* slot = find_slot(number);
  if (slot == nullptr) return;
  slot->ready = true;
  slot->response = std::move(response);
  settle_soon();
}

void HttpConnection::abandon(std::uint64_t number) {
  auto* slot = find_slot(number);
  if (slot == nullptr) return;
  slot->ready = slot->abandoned = true;
  settle_soon();
}

// With one request under way its answer goes out at once; with more, those that are ready in the same turn of the loop go together.
void HttpConnection::settle_soon() {
  if (corked_ || settle_posted_) return;
  if (slots_.size() == 1) return settle();
  settle_posted_ = true;
  state_.loop.post([self = shared_from_this()] {
    self->settle_posted_ = false;
    self->settle();
  });
}

// Brings the connection as far as it gets without further input, answers or room to write.
void HttpConnection::settle() {
  while (life_ == Life::Open) {
    queue_ready_answers();
    queue_continue();
    flush();
    if (life_ != Life::Open || backlog_.empty() || !may_parse()) break;
    const std::string bytes = std::move(backlog_);
    backlog_.clear();
    process(bytes);
  }
  if (life_ != Life::Open) return;
  account();
  end_when_done();
  if (life_ == Life::Open) want_input();
}

void HttpConnection::queue_ready_answers() {
  while (!slots_.empty() && slots_.front().ready) {
    auto& slot = slots_.front();
    if (slot.abandoned) {
      reading_done_ = true;
      ending_ = Ending::Abrupt;
      first_number_ += slots_.size();
      slots_.clear();
      slot_bytes_ = 0;
      return;
    }
    if (state_.draining && slots_.size() == 1 && parser_.at_start() && slot.persistence == Persistence::KeepAlive) {
      slot.persistence = Persistence::Close;
      ending_ = Ending::Linger;  // its next request may cross this answer
    }
    if (slot.persistence == Persistence::Close) reading_done_ = true;
    queue_answer(slot);
    slot_bytes_ -= slot.body_bytes;
    slots_.pop_front();
    ++first_number_;
    if (slots_.empty() && phase_ == Phase::Idle) phase_since_ = coarse_steady_now();
  }
}

void HttpConnection::queue_answer(Slot& slot) {
  if (!is_sendable(slot.response)) {
    log_line(LogLevel::Error, "http", "an answer with status " + std::to_string(slot.response.status) +
                                          " or one of its headers cannot be sent over HTTP; 500 is sent instead");
    slot.response = plain_text(500, "the answer cannot be sent over HTTP");
  }
  append_head(output_.tail(), slot.response, slot.method, slot.persistence, state_.date());
  if (has_body(slot.response, slot.method)) output_.append_body(std::move(slot.response.body));
}

// "100 Continue" must not overtake the answers to earlier requests.
void HttpConnection::queue_continue() {
  if (!continue_wanted_ || !slots_.empty()) return;
  continue_wanted_ = false;
  if (phase_ == Phase::Body && parser_.body_received() == 0) output_.tail().append("HTTP/1.1 100 Continue\r\n\r\n");
}

void HttpConnection::flush() {
  if (waiting_writable_ || output_.empty()) return;
  switch (output_.write_to(watch_.descriptor())) {
    case OutputQueue::Written::All: blocked_since_ = {}; return;
    case OutputQueue::Written::Failed: return close();
    case OutputQueue::Written::Blocked: break;
  }
  if (blocked_since_ == Duration{}) {
    blocked_since_ = coarse_steady_now();
    written_then_ = output_.written();
  }
  waiting_writable_ = true;
  watch_.wait_writable(shared_from_this());
}

void HttpConnection::on_writable() {
  waiting_writable_ = false;
  if (life_ != Life::Open) return;
  settle();
}

void HttpConnection::end_when_done() {
  if (!slots_.empty() || !output_.empty()) return;
  if (state_.draining && parser_.at_start() && backlog_.empty()) reading_done_ = true;
  if (!reading_done_) return;
  if (ending_ != Ending::Linger || peer_ended_) return close();
  // The peer may still be sending: it is told that no more will come, and gets the time to read the answer.
  life_ = Life::Lingering;
  linger_since_ = coarse_steady_now();
  ::shutdown(watch_.descriptor(), SHUT_WR);
  discard_input();
}

void HttpConnection::discard_input() {
  // Not the loop's read buffer: the request that is being read from it may be what ended this connection.
  std::array<char, discard_bytes> buffer;
  for (int round = 0; round < reads_per_turn; ++round) {
    const auto got = ::recv(watch_.descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0 || (got < 0 && errno == EINTR)) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) return close();
    watch_.note_drained();
    break;
  }
  want_input();
}

void HttpConnection::want_input() {
  if (waiting_readable_ || (life_ == Life::Open && (peer_ended_ || reading_done_ || !may_parse()))) return;
  waiting_readable_ = true;
  watch_.wait_readable(shared_from_this());
}

void HttpConnection::begin_drain() {
  if (life_ != Life::Open) return;
  // A request that has arrived but was not read yet is under way.
  read_some();
  if (life_ == Life::Open) settle();
}

void HttpConnection::check_deadlines(Duration now) {
  const auto& options = shared_->options;
  if (life_ == Life::Lingering && now > linger_since_ + linger_time) return close();
  if (life_ != Life::Open) return;
  if (blocked_since_ != Duration{} &&
      now > blocked_since_ + time_for(options.write_grace, output_.written() - written_then_, options.write_bytes_per_second)) {
    state_.refused.store(state_.refused.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return close();
  }
  if (!reading_done_) check_read_deadline(now);
}

void HttpConnection::check_read_deadline(Duration now) {
  const auto& options = shared_->options;
  if (!may_parse()) {  // it is this side that does not read
    phase_since_ = now;
    return;
  }
  switch (phase_) {
    case Phase::Idle:
      if (!slots_.empty() || !output_.empty()) return;
      if (now > phase_since_ + (first_request_ ? options.head_deadline : options.idle_timeout)) close();
      return;
    case Phase::Head:
      if (now <= phase_since_ + options.head_deadline) return;
      refuse(408, "the request head took too long");
      break;
    case Phase::Body:
      if (now <= phase_since_ + time_for(options.body_grace, parser_.body_received(), options.body_bytes_per_second)) return;
      refuse(408, "the request body took too long");
      break;
  }
  settle();
}

std::size_t HttpConnection::partial_body() const { return phase_ == Phase::Body && !reading_done_ ? parser_.body_received() : 0; }

// Charges what this connection holds beyond its free share to the server's memory; false if it grew and there is too little.
bool HttpConnection::account() {
  const auto held = partial_body() + slot_bytes_ + output_.size() + backlog_.size();
  const auto charge = held > uncharged_bytes ? held - uncharged_bytes : 0;
  if (charge == charged_) return true;
  const auto total = shared_->memory.fetch_add(charge - charged_, std::memory_order_relaxed) + (charge - charged_);
  const bool grew = charge > charged_;
  charged_ = charge;
  return !grew || total <= shared_->options.memory_bytes;
}

void HttpConnection::close() {
  if (life_ == Life::Closed) return;
  life_ = Life::Closed;
  closed_.store(true, std::memory_order_release);
  client_left_->store(true, std::memory_order_relaxed);
  const auto self = shared_from_this();
  watch_.close();
  slots_.clear();
  if (charged_ > 0) shared_->memory.fetch_sub(charged_, std::memory_order_relaxed);
  charged_ = 0;
  state_.connections.erase(place_);
  shared_->leave();
}

}  // namespace surgetank
