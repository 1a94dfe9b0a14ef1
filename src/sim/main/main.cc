// surgetank-sim: runs workloads in the virtual world. A failure names its seed; the same seed shows it again.
//   surgetank-sim [--workload NAME] [--seed N] [--seeds COUNT] [--steps COUNT]
#include <cstdio>
#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "base/text.h"
#include "sim/workload.h"

namespace {

using namespace surgetank;

struct Arguments {
  std::string workload;  // empty: all
  std::int64_t seed = 1;
  std::int64_t seeds = 20;
  std::int64_t steps = 2000;
};

bool parse(int argc, char** argv, Arguments& arguments) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--workload") {
      arguments.workload = argv[i + 1];
      continue;
    }
    const auto value = parse_integer(argv[i + 1]);
    auto* target = name == "--seed"    ? &arguments.seed
                   : name == "--seeds" ? &arguments.seeds
                   : name == "--steps" ? &arguments.steps
                                       : nullptr;
    if (target == nullptr || !value || *value < 1) return false;
    *target = *value;
  }
  return argc % 2 == 1;
}

bool run_workload(const std::string& name, const Arguments& arguments) {
  for (auto seed = arguments.seed; seed < arguments.seed + arguments.seeds; ++seed) {
    const auto workload = sim::make_workload(name);
    if (!workload) {
      std::fprintf(stderr, "there is no workload %s\n", name.c_str());
      return false;
    }
    const auto result = sim::run(*workload, static_cast<std::uint64_t>(seed), static_cast<int>(arguments.steps), {});
    std::printf("%s seed %lld: %llu operations, %llu crashes, %.1f virtual hours, digest %016llx%s\n", name.c_str(),
                static_cast<long long>(seed), static_cast<unsigned long long>(result.operations),
                static_cast<unsigned long long>(result.crashes), result.virtual_time.seconds() / 3600,
                static_cast<unsigned long long>(result.digest), result.failure ? "  FAILED" : "");
    if (!result.failure) continue;
    std::printf("  %s\n  again: surgetank-sim --workload %s --seed %lld --seeds 1 --steps %lld\n", result.failure->c_str(), name.c_str(),
                static_cast<long long>(seed), static_cast<long long>(arguments.steps));
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    std::fprintf(stderr, "surgetank-sim [--workload NAME] [--seed N] [--seeds COUNT] [--steps COUNT]\n");
    return 2;
  }
  set_assert_policy(AssertPolicy::Abort);
  set_log_level(LogLevel::Error);
  const auto names = arguments.workload.empty() ? sim::workload_names() : std::vector<std::string>{arguments.workload};
  for (const auto& name : names)
    if (!run_workload(name, arguments)) return 1;
  return 0;
}
