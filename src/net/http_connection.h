#pragma once
// One connection of an HttpServer: reads requests, keeps their answers in order, enforces deadlines. Internal to net/.
// Lives on one loop; replies that are still out keep it alive after it is closed.
//
// A request is "unanswered" from the handler's call until its answer is queued for writing. Reading pauses while too many are
// unanswered or too much is unwritten; bytes already read wait in backlog_. After the last request that may come (Connection: close,
// a fault, the peer's end, a drain) the connection ends as soon as everything is answered and written.
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "net/http_parser.h"
#include "net/http_response_writer.h"
#include "net/http_server_state.h"
#include "net/output_queue.h"
#include "net/socket_watch.h"
#include "net/sockets.h"

namespace surgetank {

class HttpConnection final : public SocketEvents, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(std::shared_ptr<HttpServer::Shared> shared, HttpLoopState& state, Accepted accepted);
  void start(std::list<std::shared_ptr<HttpConnection>>::iterator place);
  void answer(std::uint64_t number, HttpResponse response);
  void abandon(std::uint64_t number);
  void begin_drain();
  void check_deadlines(Duration now);
  void close();
  EventLoop& loop() { return state_.loop; }                                   // for as long as it is not closed
  bool is_closed() const { return closed_.load(std::memory_order_acquire); }  // from any thread

  void on_readable() override;
  void on_writable() override;

 private:
  enum class Phase : std::uint8_t { Idle, Head, Body };  // of reading
  enum class Life : std::uint8_t { Open, Lingering, Closed };
  enum class Ending : std::uint8_t { Plain, Linger, Abrupt };
  struct Slot {
    bool ready = false;
    bool abandoned = false;
    AnswerTo method = AnswerTo::OtherMethod;
    Persistence persistence = Persistence::KeepAlive;
    std::size_t body_bytes = 0;
    HttpResponse response;
  };

  bool may_parse() const;
  void read_some();
  void process(std::string_view bytes);
  void note_phase();
  void dispatch();
  void refuse(int status, std::string_view text);
  Slot* find_slot(std::uint64_t number);
  void settle();
  void settle_soon();
  void queue_ready_answers();
  void queue_answer(Slot& slot);
  void queue_continue();
  void flush();
  void end_when_done();
  void discard_input();
  void want_input();
  void check_read_deadline(Duration now);
  std::size_t partial_body() const;
  bool account();

  std::shared_ptr<HttpServer::Shared> shared_;
  HttpLoopState& state_;
  std::list<std::shared_ptr<HttpConnection>>::iterator place_;
  SocketWatch watch_;
  const std::shared_ptr<std::atomic<bool>> client_left_ = std::make_shared<std::atomic<bool>>(false);
  std::string peer_address_;
  std::uint16_t peer_port_;
  HttpRequestParser parser_;
  OutputQueue output_;
  std::deque<Slot> slots_;          // unanswered, and answered but behind an unanswered one
  std::uint64_t first_number_ = 0;  // of slots_.front()
  std::string backlog_;

  Life life_ = Life::Open;
  std::atomic<bool> closed_{false};  // life_ == Closed
  Ending ending_ = Ending::Plain;
  Phase phase_ = Phase::Idle;
  bool first_request_ = true;
  bool reading_done_ = false;  // no further request will be parsed
  bool peer_ended_ = false;
  bool waiting_readable_ = false;
  bool waiting_writable_ = false;
  bool corked_ = false;  // inside process(): answers are written when it is done
  bool settle_posted_ = false;
  bool continue_wanted_ = false;
  Duration phase_since_;
  Duration blocked_since_;  // the peer has not taken everything since then; 0: it has
  std::uint64_t written_then_ = 0;
  Duration linger_since_;
  Instant head_complete_;
  std::size_t slot_bytes_ = 0;
  std::size_t charged_ = 0;  // of the server's memory
};

}  // namespace surgetank
