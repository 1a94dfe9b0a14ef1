#include "kernel/resource_counts.h"

#include <gtest/gtest.h>

#include "kernel/keys.h"
#include "kernel/test_world.h"

namespace surgetank {
namespace {

constexpr ErrorCode too_many{"TooMany", 400};
constexpr ErrorCode spoiled{"Spoiled", 400};

constexpr QuotaRow rows[] = {
    {.id = "jars.jars", .name = "Jars", .value = 3, .unit = "jars", .error = &too_many, .message = "{amount} of {value}"}};

struct JarRequest {
  String Name;
  Opt<bool> Spoiled;
};
SURGE_SHAPE(JarRequest, Name, Spoiled)

std::string jars(const Caller& caller) { return service_key("jars", "jar", caller); }

Result<Empty> make_jar(Call& call, const JarRequest& request) {
  SURGE_CHECK(count_created(call, rows[0], jars(call.caller)));
  call.txn.put(service_key("jars", "jar", call.caller, {request.Name}), "here");
  if (request.Spoiled) return Error{&spoiled, "it is"};
  return Empty{};
}

Result<Empty> break_jar(Call& call, const JarRequest& request) {
  count_deleted(call, rows[0], jars(call.caller));
  call.txn.erase(service_key("jars", "jar", call.caller, {request.Name}));
  if (request.Spoiled) return Error{&spoiled, "it is"};
  return Empty{};
}

constexpr Operation operations[] = {op<make_jar>("MakeJar", Access::Write, "Name"), op<break_jar>("BreakJar", Access::Write, "Name")};
constexpr Protocol protocols[] = {Protocol::Json11};
constinit const Service service{
    .name = "jars", .signing_name = "jars", .target_prefix = "Jars", .protocols = protocols, .operations = operations, .quotas = rows};

struct Shelf {
  TestWorld world{{&service}, 4};
  std::string make(const std::string& name, const std::string& more = "") {
    return world.call("jars", "MakeJar", R"({"Name":")" + name + "\"" + more + "}");
  }
  std::string smash(const std::string& name, const std::string& more = "") {
    return world.call("jars", "BreakJar", R"({"Name":")" + name + "\"" + more + "}");
  }
  std::int64_t counted() { return world.quotas.use(world.lanes.now()).front().now; }
};

TEST(ResourceCounts, TheOneBeyondTheQuotaIsRefusedOnWhicheverLaneItIs) {
  Shelf shelf;
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(shelf.make(name), "{}");
  EXPECT_EQ(shelf.make("d"), "TooMany: 4 of 3");
  EXPECT_EQ(shelf.smash("b"), "{}");
  EXPECT_EQ(shelf.counted(), 2);
  EXPECT_EQ(shelf.make("d"), "{}");
  EXPECT_EQ(shelf.make("e"), "TooMany: 4 of 3");
}

TEST(ResourceCounts, WhatFailsIsNotCounted) {
  Shelf shelf;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(shelf.make("x", R"(,"Spoiled":true)"), "Spoiled: it is");
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(shelf.make(name), "{}");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(shelf.smash("a", R"(,"Spoiled":true)"), "Spoiled: it is");
  EXPECT_EQ(shelf.make("d"), "TooMany: 4 of 3");
}

TEST(ResourceCounts, AfterARestartWhatIsStoredCounts) {
  Shelf shelf;
  for (const char* name : {"a", "b"}) EXPECT_EQ(shelf.make(name), "{}");
  shelf.world.crash_and_restart();
  EXPECT_EQ(shelf.smash("a"), "{}");  // the first to count may be a deletion
  for (const char* name : {"c", "d"}) EXPECT_EQ(shelf.make(name), "{}");
  EXPECT_EQ(shelf.make("e"), "TooMany: 4 of 3");
}

TEST(ResourceCounts, EachAccountAndRegionHasItsOwn) {
  Shelf shelf;
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(shelf.make(name), "{}");
  for (const auto& caller : {service_caller("111122223333", "us-east-1", "t"), service_caller("000000000000", "eu-west-1", "t")})
    EXPECT_EQ(shelf.world.call_as(caller, "jars", "MakeJar", R"({"Name":"d"})"), "{}");
}

TEST(ResourceCounts, AnEmptiedStoreIsCountedAnew) {
  Shelf shelf;
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(shelf.make(name), "{}");
  auto txn = shelf.world.store->begin();
  for (const char* name : {"a", "b", "c"}) txn->erase(service_key("jars", "jar", service_caller("000000000000", "us-east-1", "t"), {name}));
  shelf.world.store->commit(*txn);
  shelf.world.dispatcher->forget_states([] {});
  shelf.world.lanes.run_until_idle();
  EXPECT_EQ(shelf.make("d"), "{}");
  EXPECT_EQ(shelf.counted(), 1);
}

}  // namespace
}  // namespace surgetank
