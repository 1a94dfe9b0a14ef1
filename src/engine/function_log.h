#pragma once
// Turns the bytes that a function writes into log events. Pure: no descriptors, no clock.
//
// Two inputs. Raw text (standard output and error): one event per line, newline included, as Lambda does it; a line without an end
// becomes an event when the invocation ends. Frames (the log descriptor of our bootstraps): one event each, whatever
// newlines it holds. A frame is, big-endian: 4 bytes 0xa55a0003, 4 bytes length, 8 bytes microseconds since 1970, then the text.
// A log channel that does not hold frames is read as raw text from there on.
//
// Bounds: an event holds at most `largest_event` bytes (longer lines and frames are split); memory is bounded by the caller, who
// takes the events away and stops reading when it has read enough.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "kernel/telemetry.h"

namespace surgetank {

class LineSplitter {
 public:
  static constexpr std::size_t largest_event = 256 * 1024;  // what CloudWatch Logs takes
  void feed(std::string_view bytes, Instant now, std::vector<LogEvent>& events);
  // What has no end of line yet.
  void flush(Instant now, std::vector<LogEvent>& events);

 private:
  std::string partial_;
};

class FrameReader {
 public:
  void feed(std::string_view bytes, Instant now, std::vector<LogEvent>& events);
  void flush(Instant now, std::vector<LogEvent>& events);

 private:
  static constexpr std::size_t header_bytes = 16;
  bool read_header(std::string_view& bytes);

  std::string header_;          // incomplete
  std::string text_;
  std::uint64_t missing_ = 0;   // bytes of the frame that have not come
  Instant time_;
  bool is_raw_ = false;
  LineSplitter raw_;
};

// The last bytes of one invocation's log, for X-Amz-Log-Result.
class LogTailBuffer {
 public:
  static constexpr std::size_t most_bytes = 4096;
  void add(std::string_view text);
  // The last 4 KB, from the start of a character on.
  std::string take();

 private:
  std::string text_;
};

}  // namespace surgetank
