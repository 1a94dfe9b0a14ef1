#include "services/lambda/function_name.h"

#include <gtest/gtest.h>

namespace surgetank::lambda {
namespace {

constexpr std::string_view arn = "arn:aws:lambda:us-east-1:000000000000:function:orders";

TEST(FunctionName, EveryFormOfANameLeadsToTheSameLane) {
  for (const auto* name :
       {"orders", "orders:live", "orders:$LATEST", "function:orders", "000000000000:function:orders", "000000000000:orders:7",
        "us-east-1:000000000000:function:orders", "arn:aws:lambda:us-east-1:000000000000:function:orders",
        "arn:aws-cn:lambda:cn-north-1:000000000000:function:orders:live"})
    EXPECT_EQ(aggregate_key(name), "orders") << name;
}

TEST(FunctionName, AnArnSaysAccountRegionAndQualifier) {
  const std::string text = std::string(arn) + ":live";
  const auto reference = parse_function_reference(text);
  ASSERT_TRUE(reference);
  EXPECT_EQ(reference->account, "000000000000");
  EXPECT_EQ(reference->region, "us-east-1");
  EXPECT_EQ(reference->name, "orders");
  EXPECT_EQ(reference->qualifier, "live");
}

TEST(FunctionName, OptionalPartsAreTakenGreedilyAsThePatternDoes) {
  const auto prefixed = parse_function_reference("function:orders");
  ASSERT_TRUE(prefixed);
  EXPECT_EQ(prefixed->name, "orders");
  EXPECT_EQ(prefixed->qualifier, "");
  const auto numeric = parse_function_reference("000000000000:$LATEST");
  ASSERT_TRUE(numeric);
  EXPECT_EQ(numeric->name, "000000000000");
  EXPECT_EQ(numeric->qualifier, "$LATEST");
  const auto region = parse_function_reference("us-gov-west-1:000000000000:orders");
  ASSERT_TRUE(region);
  EXPECT_EQ(region->region, "us-gov-west-1");
}

TEST(FunctionName, WhatIsNotOfThePatternIsRefused) {
  for (const auto* name :
       {"", "a b", "orders:", ":orders", "orders:live:more", "arn:aws:lambda", "arn:aws:sqs:us-east-1:000000000000:orders",
        "arn:aws:lambda:us-east-1:000000000000:layer:orders:1", "orders$", "orders:$OTHER", "a/b"})
    EXPECT_FALSE(parse_function_reference(name)) << name;
  EXPECT_FALSE(parse_function_reference(std::string(300, 'a') + ":b"));
}

TEST(FunctionName, DigitsAreAVersionAndAnythingElseIsAnAlias) {
  EXPECT_TRUE(is_version_number("17"));
  EXPECT_FALSE(is_version_number("v17"));
  EXPECT_TRUE(is_alias_name("live-2"));
  EXPECT_FALSE(is_alias_name("17"));
  EXPECT_FALSE(is_alias_name("$LATEST"));
  EXPECT_TRUE(is_qualifier("$LATEST"));
  EXPECT_FALSE(is_qualifier("a b"));
}

}  // namespace
}  // namespace surgetank::lambda
