#pragma once
// The client's side of the WebSocket wire format (RFC 6455): the upgrade request and the check of its answer, masked frames out,
// unmasked frames in. Strict: what a server must not send (masked, reserved bits, fragmented or long control frames, an unexpected
// continuation) is a fault; a message has a limit. No sockets, no clock; one owner, one thread.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"

namespace surgetank::windtunnel {

std::string websocket_key(Random& random);           // for Sec-WebSocket-Key
std::string websocket_accept(std::string_view key);  // what the server has to answer in Sec-WebSocket-Accept

enum class WebSocketOpcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };
void append_websocket_frame(std::string& out, WebSocketOpcode opcode, std::string_view payload, Random& random);

class WebSocketReader {
 public:
  explicit WebSocketReader(std::size_t message_limit) : message_limit_(message_limit) {}
  enum class Event : std::uint8_t { NeedMore, Message, Ping, Pong, Close, Fault };
  // Reads from the front of `bytes` and removes what it has used. For Message, Ping and Close the payload is in payload().
  Event next(std::string& bytes);
  const std::string& payload() const { return payload_; }
  std::string_view fault_text() const { return fault_; }

 private:
  Event fail(std::string_view text);
  Event take(bool is_final, WebSocketOpcode opcode, std::string_view data);

  std::size_t message_limit_;
  std::string message_;
  bool in_message_ = false;
  std::string payload_;
  std::string_view fault_;
};

}  // namespace surgetank::windtunnel
