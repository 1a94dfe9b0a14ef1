#pragma once
// The few system calls around descriptors that the engine needs; they throw std::system_error instead of returning -1.
#include <sys/types.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <unistd.h>

#include "net/sockets.h"

namespace surgetank {

[[noreturn]] inline void throw_errno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

// `result` of a system call: returned, or thrown with errno if it is -1.
template <class T>
T check_call(T result, const char* what) {
  if (result == -1) throw_errno(what);
  return result;
}

struct DescriptorPair {
  Descriptor first;
  Descriptor second;
};
// Read end first; both close-on-exec, the read end not blocking.
DescriptorPair make_pipe();
// Two connected ends of a SOCK_SEQPACKET unix socket, close-on-exec.
DescriptorPair make_packet_sockets();

// The whole of a small file (of /proc, of a cgroup); empty if it cannot be read.
std::string read_small_file(const std::string& path);
// Throws if the file cannot be written in one write.
void write_small_file(const std::string& path, std::string_view text);

// Sends one packet with descriptors; false if the peer is gone, std::system_error otherwise.
enum class SendResult : unsigned char { Sent, WouldBlock, PeerGone };
SendResult send_packet(int socket, std::string_view bytes, const std::vector<int>& descriptors);

struct Packet {
  std::string bytes;                    // empty: the peer is gone
  std::vector<Descriptor> descriptors;
  pid_t sender_pid = 0;                 // with SO_PASSCRED only
  uid_t sender_uid = 0;
};
Packet receive_packet(int socket, std::size_t largest);

}  // namespace surgetank
