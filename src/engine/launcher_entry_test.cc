// Lets the test binary be the launcher as well, as the server's binary is: executed as `engine_test --launcher` it never reaches
// GoogleTest.
#include <cstdlib>
#include <string_view>

#include "engine/launcher_process.h"

namespace {
[[gnu::constructor]] void run_as_launcher(int argc, char** argv, char**) {
  if (argc == 2 && std::string_view(argv[1]) == "--launcher") std::_Exit(surgetank::launcher_main(3));
}
}  // namespace
