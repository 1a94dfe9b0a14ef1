#include "engine/environment_log.h"

#include <array>
#include <cerrno>

#include "net/socket_watch.h"

namespace surgetank {

// The read end of a pipe, watched by the loop.
class LogPipe final : public SocketEvents, public std::enable_shared_from_this<LogPipe> {
 public:
  LogPipe(EnvironmentLog& log, EventLoop& loop, Descriptor end) : log_(&log), watch_(loop, end.release()) {}

  void resume() {
    if (log_ == nullptr || waits_ || ended_) return;
    waits_ = true;
    watch_.wait_readable(shared_from_this());
  }
  void on_readable() override {
    waits_ = false;
    if (read()) resume();
  }
  void on_writable() override {}

  // Reads what is there. False when the log wants no more for now.
  bool read() {
    thread_local std::array<char, 64 * 1024> buffer;
    for (int round = 0; round < most_reads && log_ != nullptr && !ended_; ++round) {
      const ssize_t count = ::read(watch_.descriptor(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) {
        watch_.note_drained();
        return true;
      }
      if (count <= 0) {
        ended_ = true;
        return false;
      }
      if (!log_->take(*this, {buffer.data(), static_cast<std::size_t>(count)})) return false;
      if (static_cast<std::size_t>(count) < buffer.size()) return true;
    }
    return !ended_;
  }

  void detach() {
    log_ = nullptr;
    watch_.close();
  }

 private:
  static constexpr int most_reads = 16;
  EnvironmentLog* log_;
  SocketWatch watch_;
  bool waits_ = false;
  bool ended_ = false;
};

EnvironmentLog::EnvironmentLog(EventLoop& loop, std::string stream, UniqueFunction<void()> on_dirty)
    : loop_(loop), stream_(std::move(stream)), on_dirty_(std::move(on_dirty)) {}

EnvironmentLog::~EnvironmentLog() {
  if (output_ != nullptr) output_->detach();
  if (frames_ != nullptr) frames_->detach();
}

EnvironmentLog::WriteEnds EnvironmentLog::open_pipes(Frames frames) {
  if (output_ != nullptr) output_->detach();
  if (frames_ != nullptr) frames_->detach();
  frames_ = nullptr;
  lines_ = {};
  frame_reader_ = {};
  WriteEnds ends;
  const auto open = [this](std::shared_ptr<LogPipe>& reader, Descriptor& end) {
    DescriptorPair pipe = make_pipe();
    reader = std::make_shared<LogPipe>(*this, loop_, std::move(pipe.first));
    reader->resume();
    end = std::move(pipe.second);
  };
  open(output_, ends.output);
  if (frames == Frames::Wanted) open(frames_, ends.frames);
  return ends;
}

void EnvironmentLog::drain(Instant now, Rest rest) {
  // Whatever the bound says: a pipe holds 64 KB, and its writer waits for us or is gone.
  bytes_since_flush_ = 0;
  if (frames_ != nullptr) frames_->read();
  if (output_ != nullptr) output_->read();
  const std::size_t first = events_.size();
  lines_.flush(now, events_);
  if (rest == Rest::Complete) frame_reader_.flush(now, events_);
  note_new_events(first);
}

bool EnvironmentLog::take(LogPipe& pipe, std::string_view bytes) {
  const std::size_t first = events_.size();
  if (&pipe == frames_.get()) {
    frame_reader_.feed(bytes, loop_.now(), events_);
  } else {
    lines_.feed(bytes, loop_.now(), events_);
  }
  bytes_since_flush_ += bytes.size();
  note_new_events(first);
  return bytes_since_flush_ < most_bytes_between_flushes;
}

void EnvironmentLog::note_new_events(std::size_t first) {
  if (keeps_tail_) {
    for (std::size_t i = first; i < events_.size(); ++i) {
      tail_.add(events_[i].message);
      if (!events_[i].message.ends_with('\n')) tail_.add("\n");
    }
  }
  if (first == 0 && !events_.empty()) on_dirty_();
}

void EnvironmentLog::add_line(Instant now, std::string line) {
  const std::size_t first = events_.size();
  events_.push_back({now, std::move(line)});
  note_new_events(first);
}

void EnvironmentLog::start_tail() {
  keeps_tail_ = true;
  tail_ = {};
}

std::string EnvironmentLog::take_tail() {
  keeps_tail_ = false;
  return tail_.take();
}

void EnvironmentLog::flush(const FunctionVersion& version, Telemetry& telemetry) {
  if (!events_.empty()) {
    LogBatch batch{version.account, version.region, version.log_group, stream_, std::move(events_)};
    events_.clear();
    telemetry.log(std::move(batch));
  }
  if (bytes_since_flush_ >= most_bytes_between_flushes) {
    if (output_ != nullptr) output_->resume();
    if (frames_ != nullptr) frames_->resume();
  }
  bytes_since_flush_ = 0;
}

}  // namespace surgetank
