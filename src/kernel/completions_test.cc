#include "kernel/completions.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

Span span(const char* kind, int second, const char* fault = "") {
  return {.trace_root = "root-" + std::to_string(second),
          .id = "1",
          .parent = {},
          .kind = kind,
          .name = "q",
          .start = {seconds(second).us},
          .length = seconds(1),
          .status = 0,
          .fault = fault,
          .attributes = {}};
}

TEST(Completions, KeepOnlyAsynchronousWorkAndReadOnFromACursor) {
  Completions completions;
  completions.add(span("aws", 0));
  completions.add(span("message", 1));
  completions.add(span("event", 2, "Unhandled"));
  const auto page = completions.after(0, 10);
  ASSERT_EQ(page.completions.size(), 2U);
  EXPECT_EQ(page.completions[0].trace_root, "root-1");
  EXPECT_EQ(page.completions[0].end.us, seconds(2).us);
  EXPECT_FALSE(page.completions[0].has_failed);
  EXPECT_TRUE(page.completions[1].has_failed);
  EXPECT_EQ(page.next, 2U);
  EXPECT_EQ(completions.after(page.next, 10).completions.size(), 0U);
  completions.add(span("message", 3));
  EXPECT_EQ(completions.after(page.next, 10).completions.size(), 1U);
  EXPECT_EQ(completions.after(0, 2).next, 2U) << "a page has a limit";
}

TEST(Completions, WhoComesTooLateIsToldHowManyAreMissing) {
  Completions completions(3);
  for (int second = 0; second < 10; ++second) completions.add(span("message", second));
  const auto page = completions.after(2, 100);
  EXPECT_EQ(page.missed, 5U);
  EXPECT_EQ(page.completions.size(), 3U);
  EXPECT_EQ(page.next, 10U);
  EXPECT_EQ(completions.end(), 10U);
  EXPECT_EQ(completions.after(1000, 100).next, 10U) << "a cursor of another server";
}

}  // namespace
}  // namespace surgetank
