#include "windtunnel/load/websocket_frames.h"

#include <openssl/sha.h>

#include <utility>

#include "base/text.h"

namespace surgetank::windtunnel {
namespace {

constexpr unsigned char final_bit = 0x80;
constexpr unsigned char reserved_bits = 0x70;
constexpr unsigned char mask_bit = 0x80;
constexpr std::size_t longest_control = 125;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

bool is_known(unsigned opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

}  // namespace

std::string websocket_key(Random& random) {
  std::string bytes;
  append_big_endian(bytes, random.next(), 8);
  append_big_endian(bytes, random.next(), 8);
  return to_base64(bytes);
}

std::string websocket_accept(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return to_base64({reinterpret_cast<const char*>(digest), sizeof digest});
}

void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload, Random& random) {
  out += static_cast<char>(final_bit | static_cast<unsigned char>(opcode));
  if (payload.size() <= 125) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, payload.size(), 8);
  }
  const auto mask = static_cast<std::uint32_t>(random.next());
  append_big_endian(out, mask, 4);
  const auto begin = out.size();
  out += payload;
  for (std::size_t index = 0; index < payload.size(); ++index)
    out[begin + index] = static_cast<char>(static_cast<unsigned char>(out[begin + index]) ^ (mask >> (24 - 8 * (index % 4)) & 0xff));
}

WebSocketReader::Event WebSocketReader::fail(std::string_view text) {
  fault_ = text;
  return Event::Fault;
}

WebSocketReader::Event WebSocketReader::next(std::string& bytes) {
  while (bytes.size() >= 2) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const auto second = static_cast<unsigned char>(bytes[1]);
    const unsigned opcode = first & 0x0fU;
    if ((first & reserved_bits) != 0) return fail("a frame has reserved bits set");
    if (!is_known(opcode)) return fail("a frame has an unknown opcode");
    if ((second & mask_bit) != 0) return fail("a server's frame is masked");
    const std::size_t field = second & 0x7fU;
    const bool is_final = (first & final_bit) != 0;
    if (opcode >= 8 && (!is_final || field > longest_control)) return fail("a control frame is fragmented or long");
    const std::size_t extended = field == 126 ? 2 : field == 127 ? 8 : 0;
    if (bytes.size() < 2 + extended) return Event::NeedMore;
    const auto size = extended == 0 ? field : big_endian(std::string_view(bytes).substr(2, extended));
    if (size > message_limit_ || message_.size() + size > message_limit_) return fail("a message is too large");
    const auto whole = 2 + extended + static_cast<std::size_t>(size);
    if (bytes.size() < whole) return Event::NeedMore;
    const auto event =
        take(is_final, static_cast<WebSocketOpcode>(opcode), std::string_view(bytes).substr(2 + extended, static_cast<std::size_t>(size)));
    bytes.erase(0, whole);
    if (event != Event::NeedMore) return event;
  }
  return Event::NeedMore;
}

// NeedMore: part of a message.
WebSocketReader::Event WebSocketReader::take(bool is_final, WebSocketOpcode opcode, std::string_view data) {
  switch (opcode) {
    case WebSocketOpcode::Close:
      payload_ = data;
      return Event::Close;
    case WebSocketOpcode::Ping:
      payload_ = data;
      return Event::Ping;
    case WebSocketOpcode::Pong:
      return Event::Pong;
    case WebSocketOpcode::Continuation:
      if (!in_message_) return fail("a continuation without a beginning");
      break;
    case WebSocketOpcode::Text:
    case WebSocketOpcode::Binary:
      if (in_message_) return fail("a message inside another");
      break;
  }
  in_message_ = true;
  message_ += data;
  if (!is_final) return Event::NeedMore;
  in_message_ = false;
  payload_ = std::exchange(message_, {});
  return Event::Message;
}

}  // namespace surgetank::windtunnel
