#include "storage/rocks_log_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "storage/crc32c.h"

namespace surgetank {
namespace {

constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;
enum FragmentType : std::uint8_t { Full = 1, First = 2, Middle = 3, Last = 4 };

constexpr std::size_t batch_header_size = 12;
constexpr char log_data_entry = '\x03';
constexpr std::string_view watermark_magic = "surge:";
constexpr std::size_t watermark_size = watermark_magic.size() + 8;
constexpr std::size_t kept_head_size = batch_header_size + 2 + watermark_size;

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[offset + i - 1]);
  return number;
}

std::uint32_t unmasked(std::uint32_t crc) {
  const std::uint32_t rotated = crc - 0xa282ead8U;
  return (rotated >> 17) | (rotated << 15);
}

}  // namespace

std::string log_watermark(Sequence durable) {
  std::string text(watermark_magic);
  append_key_number(text, durable);
  return text;
}

RocksLogReader::RocksLogReader(const std::string& path) : path_(path), file_(open_file(path, O_RDONLY)) {}

std::optional<LogItem> RocksLogReader::next() {
  while (auto fragment = next_fragment()) {
    const bool starts = fragment->type == Full || fragment->type == First;
    if (!fragment->readable || (in_record_ && starts)) {
      const auto offset = in_record_ ? record_offset_ : fragment->offset;
      in_record_ = false;
      if (fragment->readable) put_back_ = fragment;
      if (const auto item = unreadable(offset)) return item;
      continue;
    }
    if (starts) {
      in_record_ = true;
      record_offset_ = fragment->offset;
      record_head_.clear();
    } else if (!in_record_) {
      // The rest of a record whose beginning is gone.
      if (const auto item = unreadable(fragment->offset)) return item;
      continue;
    }
    record_head_ += fragment->payload.substr(0, kept_head_size - std::min(kept_head_size, record_head_.size()));
    if (fragment->type != Full && fragment->type != Last) continue;
    in_record_ = false;
    lost_ = false;
    return record();
  }
  if (!in_record_) return std::nullopt;
  in_record_ = false;
  return unreadable(record_offset_);
}

std::optional<LogItem> RocksLogReader::unreadable(std::uint64_t offset) {
  if (std::exchange(lost_, true)) return std::nullopt;
  LogItem item;
  item.offset = offset;
  return item;
}

LogItem RocksLogReader::record() const {
  LogItem item;
  item.kind = LogItem::Kind::Record;
  item.offset = record_offset_;
  if (record_head_.size() < batch_header_size) return item;
  item.batch = LogItem::Batch::Whole;
  item.first = little_endian(record_head_, 0, 8);
  item.count = little_endian(record_head_, 8, 4);
  auto entry = std::string_view(record_head_).substr(batch_header_size);
  if (entry.size() == 2 + watermark_size && entry[0] == log_data_entry && entry[1] == static_cast<char>(watermark_size) &&
      entry.substr(2).starts_with(watermark_magic)) {
    entry.remove_prefix(2 + watermark_magic.size());
    item.watermark = *read_key_number(entry);
  }
  return item;
}

std::optional<RocksLogReader::Fragment> RocksLogReader::next_fragment() {
  if (put_back_) return std::exchange(put_back_, std::nullopt);
  while (true) {
    if (position_ + header_size > block_.size()) {
      // What is left of a whole block is padding; what is left of the last, cut one is a header that was not finished.
      const bool cut = block_.size() < block_size && position_ < block_.size();
      const auto offset = block_offset_ + position_;
      position_ = block_.size();
      if (cut) return Fragment{false, 0, offset, {}};
      if (!read_block()) return std::nullopt;
      continue;
    }
    if (auto fragment = fragment_at(position_)) {
      position_ += header_size + fragment->payload.size();
      return fragment;
    }
    // Looks for the next fragment with a right checksum in this block; its own length cannot be trusted.
    Fragment bad{false, 0, block_offset_ + position_, {}};
    do {
      ++position_;
    } while (position_ + header_size <= block_.size() && !fragment_at(position_));
    return bad;
  }
}

std::optional<RocksLogReader::Fragment> RocksLogReader::fragment_at(std::size_t position) const {
  const auto type = static_cast<std::uint8_t>(block_[position + 6]);
  const auto length = static_cast<std::size_t>(little_endian(block_, position + 4, 2));
  if (type < Full || type > Last || position + header_size + length > block_.size()) return std::nullopt;
  const auto checked = std::string_view(block_).substr(position + 6, 1 + length);
  const auto stored = static_cast<std::uint32_t>(little_endian(block_, position, 4));
  if (unmasked(stored) != crc32c(0, checked)) return std::nullopt;
  return Fragment{true, type, block_offset_ + position, checked.substr(1)};
}

bool RocksLogReader::read_block() {
  block_offset_ += block_.size();
  position_ = 0;
  block_.resize(block_size);
  std::size_t filled = 0;
  while (filled < block_size) {
    const auto count = ::pread(file_.number(), block_.data() + filled, block_size - filled, static_cast<off_t>(block_offset_ + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("read", path_);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  block_.resize(filled);
  return filled > 0;
}

}  // namespace surgetank
