#pragma once
// Decodes the body of one HTTP/1.1 message from bytes that arrive in pieces: a known length, chunks, or all until the end of the
// connection. Chunk extensions and trailer fields are checked and dropped. One owner, one thread; nothing throws but bad_alloc.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank {

class BodyDecoder {
 public:
  struct Limits {
    std::size_t body_bytes = 0;
    std::size_t chunk_line_bytes = 0;
    std::size_t trailer_bytes = 0;
    std::size_t trailer_fields = 0;
  };
  enum class State : std::uint8_t { Complete, Reading, Failed };
  enum class Fault : std::uint8_t { None, TooLarge, Malformed };

  explicit BodyDecoder(const Limits& limits) : limits_(limits) {}
  void begin_empty();
  void begin_length(std::uint64_t bytes);  // the caller has checked it against body_bytes
  void begin_chunked();
  void begin_until_close();
  // Appends what it decodes to `out` and returns how many bytes of `bytes` belong to this message.
  std::size_t feed(std::string_view bytes, std::string& out);
  void end_of_connection();  // completes begin_until_close(), breaks the others

  State state() const { return state_; }
  Fault fault() const { return fault_; }
  std::string_view fault_text() const { return fault_text_; }
  std::size_t received() const { return received_; }  // decoded bytes
  std::uint64_t expected() const { return kind_ == Kind::Length ? received_ + remaining_ : received_; }  // as far as known

 private:
  enum class Kind : std::uint8_t { Length, Chunked, UntilClose };
  enum class Step : std::uint8_t { SizeLine, Data, DataEnd, TrailerLine };
  void begin(Kind kind);
  void fail(Fault fault, std::string_view text);
  std::size_t feed_chunked(std::string_view bytes, std::string& out);
  std::size_t feed_data(std::string_view bytes, std::string& out);
  // Moves bytes of one line to line_; true when the line is whole (without its CRLF).
  bool take_line(std::string_view bytes, std::size_t& used, std::size_t limit, std::string_view too_long);
  void handle_line();
  void handle_size_line();
  void handle_trailer_line();

  Limits limits_;
  Kind kind_ = Kind::Length;
  Step step_ = Step::SizeLine;
  State state_ = State::Complete;
  Fault fault_ = Fault::None;
  std::string_view fault_text_;
  std::uint64_t remaining_ = 0;  // of the body or of the chunk
  std::size_t received_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailer_fields_ = 0;
  std::string line_;
};

}  // namespace surgetank
