#include "base/assert.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace surgetank {
namespace {
std::atomic<AssertPolicy> policy_in_force{AssertPolicy::Throw};
}

void set_assert_policy(AssertPolicy policy) { policy_in_force = policy; }

void assertion_failed(const char* expression, const char* file, int line, const std::string& note) {
  const auto text = std::string(file) + ":" + std::to_string(line) + ": assertion failed: " + expression + (note.empty() ? "" : " (" + note + ")");
  if (policy_in_force.load() == AssertPolicy::Abort) {
    std::fprintf(stderr, "%s\n", text.c_str());
    std::abort();
  }
  throw InternalError(text);
}

}  // namespace surgetank
