#include "windtunnel/prediction/larger_class.h"

#include <gtest/gtest.h>

namespace surgetank::prediction {
namespace {

TEST(LargerClass, IsTheSmallestOfTheFamilyThatHasEnough) {
  EXPECT_EQ(larger_class("db.t4g.micro", {.connections = 162}), "db.t4g.small");
  EXPECT_EQ(larger_class("db.t4g.micro", {.processors = 4}), "db.t4g.xlarge");
  EXPECT_EQ(larger_class("db.m6g.2xlarge", {.processors = 16}), "db.m6g.4xlarge");
}

TEST(LargerClass, IsNoneWhereTheFamilyEnds) {
  EXPECT_FALSE(larger_class("db.t4g.2xlarge", {.processors = 16}));
  EXPECT_FALSE(larger_class("db.m6g.2xlarge", {.connections = 5'001}));
}

}  // namespace
}  // namespace surgetank::prediction
