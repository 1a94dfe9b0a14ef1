#include "engine/function_engine.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "engine/engine_fixture_test.h"

namespace surgetank {
namespace {

using Kind = InvocationOutcome::Kind;

TEST(FunctionEngine, InvokesAFunctionAndReusesItsEnvironment) {
  EngineFixture f;
  const auto version = f.obedient();
  const InvocationOutcome first = f.invoke(version, "{}");
  ASSERT_EQ(first.kind, Kind::Success) << first.failure << first.payload;
  EXPECT_TRUE(contains(first.payload, "\"count\": 1")) << first.payload;
  EXPECT_GT(first.init_duration.us, 0);
  for (int i = 2; i <= 20; ++i) {
    const InvocationOutcome next = f.invoke(version, "{}");
    EXPECT_TRUE(contains(next.payload, "\"count\": " + std::to_string(i))) << next.payload;
    EXPECT_EQ(next.init_duration.us, 0);
  }
  EXPECT_EQ(f.engine().status().environments, 1U);
}

}  // namespace
}  // namespace surgetank
