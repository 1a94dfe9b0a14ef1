#pragma once
// Bytes that wait to be written to one socket. Small answers are joined in one piece, large bodies are kept as they are; everything
// leaves in as few system calls as the socket takes. One thread.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace surgetank {

class OutputQueue {
 public:
  enum class Written : std::uint8_t { All, Blocked, Failed };

  // Where the next small bytes go; valid until the next call of anything else here.
  std::string& tail();
  void append_body(std::string body);
  Written write_to(int socket);

  bool empty() const { return size() == 0; }
  std::size_t size() const;                                  // bytes not written yet
  std::uint64_t written() const { return written_; }         // ever

 private:
  void release();

  std::vector<std::string> pieces_;
  std::size_t first_ = 0;   // pieces before it are written
  std::size_t offset_ = 0;  // and so much of this one
  std::uint64_t written_ = 0;
};

}  // namespace surgetank
