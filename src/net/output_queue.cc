#include "net/output_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace surgetank {
namespace {

constexpr std::size_t joined_body_bytes = 8 * 1024;    // copying so much is cheaper than another piece
constexpr std::size_t full_piece_bytes = 64 * 1024;
constexpr std::size_t kept_piece_bytes = 4 * 1024;     // an idle connection keeps no more than this
constexpr std::size_t pieces_per_call = 64;

}  // namespace

std::string& OutputQueue::tail() {
  if (pieces_.empty() || first_ == pieces_.size() || pieces_.back().size() >= full_piece_bytes) pieces_.emplace_back();
  return pieces_.back();
}

void OutputQueue::append_body(std::string body) {
  if (body.size() <= joined_body_bytes)
    tail().append(body);
  else
    pieces_.push_back(std::move(body));
}

std::size_t OutputQueue::size() const {
  std::size_t bytes = 0;
  for (std::size_t i = first_; i < pieces_.size(); ++i) bytes += pieces_[i].size();
  return bytes - offset_;
}

OutputQueue::Written OutputQueue::write_to(int socket) {
  while (first_ < pieces_.size()) {
    std::array<iovec, pieces_per_call> vectors;
    const auto count = std::min(pieces_.size() - first_, pieces_per_call);
    for (std::size_t i = 0; i < count; ++i) {
      auto& piece = pieces_[first_ + i];
      const auto skip = i == 0 ? offset_ : 0;
      vectors[i] = {piece.data() + skip, piece.size() - skip};
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    const auto sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Written::Blocked : Written::Failed;
    }
    written_ += static_cast<std::uint64_t>(sent);
    offset_ += static_cast<std::size_t>(sent);
    while (first_ < pieces_.size() && offset_ >= pieces_[first_].size()) {
      offset_ -= pieces_[first_].size();
      if (first_ + 1 < pieces_.size()) pieces_[first_] = {};
      ++first_;
    }
  }
  release();
  return Written::All;
}

// Everything is written: one small buffer stays for the next answer.
void OutputQueue::release() {
  first_ = offset_ = 0;
  if (pieces_.empty()) return;
  std::string kept = std::move(pieces_.back());
  pieces_.clear();
  if (kept.capacity() > kept_piece_bytes) return;
  kept.clear();
  pieces_.push_back(std::move(kept));
}

}  // namespace surgetank
