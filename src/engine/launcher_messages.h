#pragma once
// The datagrams between the server and its launcher process. Both ends are the same binary; decoding still checks every length and
// throws std::invalid_argument on a damaged message.
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/process.h"

namespace surgetank::launcher_messages {

enum class Type : std::uint8_t {
  Configure,  // server -> launcher, first: the scratch directory and what unprivileged users must reach
  Start,      // server -> launcher: ProcessSpec; with the descriptors of standard output/error and of the framed log
  Kill,       // server -> launcher: id, KillManner
  Hello,      // launcher -> server, once: SandboxReport
  Started,    // launcher -> server: id, pid, uid
  Exited,     // launcher -> server: id, ProcessExit; nothing of the environment runs any more
};

inline constexpr std::size_t largest_message = 256 * 1024;

struct Started {
  std::uint64_t id = 0;
  std::int64_t pid = 0;
  std::int64_t uid = 0;
};
struct Exited {
  std::uint64_t id = 0;
  ProcessExit exit;
};
struct Kill {
  std::uint64_t id = 0;
  KillManner manner = KillManner::AtOnce;
};

struct Configuration {
  std::string scratch_directory;
  std::vector<std::string> reachable;
  SandboxCeiling ceiling = SandboxCeiling::Everything;
};

Type type_of(std::string_view message);
std::string encode(const Configuration& configuration);
std::string encode(const ProcessSpec& spec);
std::string encode(const Kill& kill);
std::string encode(const SandboxReport& report);
std::string encode(const Started& started);
std::string encode(const Exited& exited);
Configuration decode_configuration(std::string_view message);
ProcessSpec decode_spec(std::string_view message);
Kill decode_kill(std::string_view message);
SandboxReport decode_report(std::string_view message);
Started decode_started(std::string_view message);
Exited decode_exited(std::string_view message);

}  // namespace surgetank::launcher_messages
