#include "engine/resident_memory.h"

#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "engine/descriptor.h"

namespace surgetank {

std::int64_t resident_bytes_of_tree(pid_t pid) {
  static const std::int64_t page = ::sysconf(_SC_PAGESIZE);
  constexpr std::size_t most_processes = 4096;
  std::vector<pid_t> tree{pid};
  std::int64_t pages = 0;
  for (std::size_t i = 0; i < tree.size() && i < most_processes; ++i) {
    const std::string folder = "/proc/" + std::to_string(tree[i]);
    const std::string memory = read_small_file(folder + "/statm");
    const auto fields = split(memory, ' ');
    if (fields.size() > 1) pages += parse_integer(fields[1]).value_or(0);
    // Children of the main thread only; enough for a guard.
    const std::string children = read_small_file(folder + "/task/" + std::to_string(tree[i]) + "/children");
    for (const std::string_view child : split(children, ' ')) {
      if (const auto number = parse_integer(child)) tree.push_back(static_cast<pid_t>(*number));
    }
  }
  return pages * page;
}

std::int64_t peak_resident_bytes(pid_t pid) {
  const std::string status = read_small_file("/proc/" + std::to_string(pid) + "/status");
  const auto start = status.find("VmHWM:");
  if (start == std::string::npos) return 0;
  const std::string_view line = std::string_view(status).substr(start + 6, status.find('\n', start) - start - 6);
  const auto digits = line.find_first_of("0123456789");
  if (digits == std::string_view::npos) return 0;
  return parse_integer(line.substr(digits, line.find(' ', digits) - digits)).value_or(0) * 1024;
}

}  // namespace surgetank
