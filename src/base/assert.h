#pragma once
// Always-on assertions: "we are wrong". In production a failed one throws InternalError to the request boundary
// (500, rollback, counter); in tests and simulation set_assert_policy(Abort) makes it stop the process at once.
#include <stdexcept>
#include <string>

namespace surgetank {

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

enum class AssertPolicy : unsigned char { Throw, Abort };
void set_assert_policy(AssertPolicy policy);
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line, const std::string& note);

#define SURGE_ASSERT(expression, note)                                                        \
  do {                                                                                        \
    if (!(expression)) ::surgetank::assertion_failed(#expression, __FILE__, __LINE__, (note)); \
  } while (false)

}  // namespace surgetank
