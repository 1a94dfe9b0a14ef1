#include "engine/function_log.h"

#include <algorithm>
#include <cstring>

namespace surgetank {
namespace {

constexpr std::uint32_t frame_magic = 0xa55a0003;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

void LineSplitter::feed(std::string_view bytes, Instant now, std::vector<LogEvent>& events) {
  while (!bytes.empty()) {
    const auto end = bytes.find('\n');
    const std::size_t room = largest_event - partial_.size();
    std::size_t take = end == std::string_view::npos ? bytes.size() : end + 1;
    const bool whole = end != std::string_view::npos && take <= room;
    take = std::min(take, room);
    if (whole && partial_.empty()) {
      events.push_back({now, std::string(bytes.substr(0, take))});
    } else {
      partial_ += bytes.substr(0, take);
      if (whole || partial_.size() == largest_event) flush(now, events);
    }
    bytes.remove_prefix(take);
  }
}

void LineSplitter::flush(Instant now, std::vector<LogEvent>& events) {
  if (partial_.empty()) return;
  events.push_back({now, std::move(partial_)});
  partial_.clear();
}

// Takes header bytes from the front. True when a frame's text follows.
bool FrameReader::read_header(std::string_view& bytes) {
  const std::size_t take = std::min(bytes.size(), header_bytes - header_.size());
  header_ += bytes.substr(0, take);
  bytes.remove_prefix(take);
  if (header_.size() >= 4 && big_endian(std::string_view(header_).substr(0, 4)) != frame_magic) {
    is_raw_ = true;
    return false;
  }
  if (header_.size() < header_bytes) return false;
  missing_ = big_endian(std::string_view(header_).substr(4, 4));
  // A clock in the function that is wrong by centuries is not worth keeping.
  time_ = Instant{static_cast<std::int64_t>(big_endian(std::string_view(header_).substr(8, 8)) & 0x3fffffffffffffULL)};
  header_.clear();
  return true;
}

void FrameReader::feed(std::string_view bytes, Instant now, std::vector<LogEvent>& events) {
  while (!bytes.empty() && !is_raw_) {
    if (missing_ == 0 && text_.empty()) {
      if (!read_header(bytes)) {
        if (!is_raw_) return;
        raw_.feed(header_, now, events);
        header_.clear();
        break;
      }
      if (missing_ == 0) continue;  // an empty event
    }
    const std::size_t wanted = std::min<std::uint64_t>(missing_, LineSplitter::largest_event - text_.size());
    const std::size_t take = std::min(bytes.size(), wanted);
    text_ += bytes.substr(0, take);
    bytes.remove_prefix(take);
    missing_ -= take;
    if (missing_ == 0 || text_.size() == LineSplitter::largest_event) {
      events.push_back({time_, std::move(text_)});
      text_.clear();
    }
  }
  if (is_raw_) raw_.feed(bytes, now, events);
}

void FrameReader::flush(Instant now, std::vector<LogEvent>& events) {
  raw_.flush(now, events);
  // A frame that is cut short by the end of its writer.
  if (text_.empty()) return;
  events.push_back({time_, std::move(text_)});
  text_.clear();
}

void LogTailBuffer::add(std::string_view text) {
  text_ += text;
  if (text_.size() > 4 * most_bytes) text_.erase(0, text_.size() - most_bytes - 4);  // 4: a whole character more than is taken
}

std::string LogTailBuffer::take() {
  std::string text = std::move(text_);
  text_.clear();
  if (text.size() <= most_bytes) return text;
  std::size_t start = text.size() - most_bytes;
  while (start < text.size() && (static_cast<unsigned char>(text[start]) & 0xc0) == 0x80) ++start;
  return text.substr(start);
}

}  // namespace surgetank
