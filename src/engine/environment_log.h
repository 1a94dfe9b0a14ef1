#pragma once
// The log of one environment: reads what its processes write (two pipes), adds the platform's own lines, keeps the tail of the
// running invocation, and hands everything to Telemetry in batches. One loop, its thread only.
//
// Bounds: not more than `most_bytes_between_flushes` are read between two flushes; a function that prints faster is held up by its full
// pipe, as it would be by a slow disk. Nothing is dropped here. (Telemetry drops and counts what its consumers cannot keep up with.)
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/descriptor.h"
#include "engine/function_log.h"
#include "kernel/function_runner.h"
#include "kernel/telemetry.h"
#include "net/event_loop.h"

namespace surgetank {

class LogPipe;

class EnvironmentLog {
 public:
  static constexpr std::size_t most_bytes_between_flushes = 2 << 20;

  // `on_dirty` is called when there is something to flush and was nothing before.
  EnvironmentLog(EventLoop& loop, std::string stream, UniqueFunction<void()> on_dirty);
  ~EnvironmentLog();
  EnvironmentLog(const EnvironmentLog&) = delete;
  EnvironmentLog& operator=(const EnvironmentLog&) = delete;

  const std::string& stream() const { return stream_; }

  // New pipes, for a new process. The ends are its.
  struct WriteEnds {
    Descriptor output;
    Descriptor frames;
  };
  enum class Frames : std::uint8_t { Wanted, None };
  WriteEnds open_pipes(Frames frames);
  // Reads what is there now; with the end of a process also what has no end of line.
  enum class Rest : std::uint8_t { StillComing, Complete };
  void drain(Instant now, Rest rest);

  void add_line(Instant now, std::string line);
  void start_tail();
  std::string take_tail();

  void flush(const FunctionVersion& version, Telemetry& telemetry);

 private:
  friend class LogPipe;
  // False when nothing more may be read before the next flush.
  bool take(LogPipe& pipe, std::string_view bytes);
  void note_new_events(std::size_t first);

  EventLoop& loop_;
  const std::string stream_;
  UniqueFunction<void()> on_dirty_;
  std::shared_ptr<LogPipe> output_;
  std::shared_ptr<LogPipe> frames_;
  LineSplitter lines_;
  FrameReader frame_reader_;
  std::vector<LogEvent> events_;
  std::size_t bytes_since_flush_ = 0;
  bool keeps_tail_ = false;
  LogTailBuffer tail_;
};

}  // namespace surgetank
