#include "engine/descriptor.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstring>

namespace surgetank {
namespace {
constexpr std::size_t most_descriptors = 4;
}

DescriptorPair make_pipe() {
  int ends[2];
  check_call(::pipe2(ends, O_CLOEXEC), "pipe2");
  DescriptorPair pair{Descriptor(ends[0]), Descriptor(ends[1])};
  check_call(::fcntl(ends[0], F_SETFL, O_NONBLOCK), "fcntl");
  return pair;
}

DescriptorPair make_packet_sockets() {
  int ends[2];
  check_call(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::string read_small_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file) return text;
  char buffer[4096];
  while (text.size() < 256 * 1024) {
    const ssize_t count = ::read(file.get(), buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  return text;
}

void write_small_file(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!file) throw_errno("open " + path);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) throw_errno("write " + path);
}

SendResult send_packet(int socket, std::string_view bytes, const std::vector<int>& descriptors) {
  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t size = descriptors.size() * sizeof(int);
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(size);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(header), descriptors.data(), size);
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == ENOBUFS) return SendResult::WouldBlock;
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN) return SendResult::PeerGone;
    throw_errno("sendmsg");
  }
  return SendResult::Sent;
}

Packet receive_packet(int socket, std::size_t largest) {
  Packet packet;
  packet.bytes.resize(largest);
  iovec data{packet.bytes.data(), packet.bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(most_descriptors * sizeof(int)) + CMSG_SPACE(sizeof(ucred))] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t count = 0;
  do {
    count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno != ECONNRESET) throw_errno("recvmsg");
  packet.bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET) continue;
    if (header->cmsg_type == SCM_RIGHTS) {
      const std::size_t numbers = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < numbers; ++i) {
        int number = -1;
        std::memcpy(&number, CMSG_DATA(header) + i * sizeof(int), sizeof number);
        packet.descriptors.emplace_back(number);
      }
    } else if (header->cmsg_type == SCM_CREDENTIALS) {
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
      packet.sender_pid = sender.pid;
      packet.sender_uid = sender.uid;
    }
  }
  if (message.msg_flags & MSG_TRUNC) throw std::system_error(EMSGSIZE, std::generic_category(), "recvmsg");
  return packet;
}

}  // namespace surgetank
