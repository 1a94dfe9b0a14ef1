#include "kernel/dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "kernel/record.h"
#include "kernel/test_world.h"
#include "wire/json.h"

namespace surgetank {
namespace {

constexpr ErrorCode refused{"RefusedException", 400};

struct CounterRequest {
  String Name;
  Opt<Integer> Add;
  Opt<String> How;
};
SURGE_SHAPE(CounterRequest, Name, Add, How)
struct CounterResponse {
  Integer Total = 0;
};
SURGE_SHAPE(CounterResponse, Total)

struct CounterState final : LaneState {
  Integer calls = 0;
};

Integer total_of(Call& call, const std::string& name) {
  const auto record = get_record<CounterResponse>(call.txn, "counter/" + name);
  return record ? record->Total : 0;
}

Result<CounterResponse> add(Call& call, const CounterRequest& request) {
  call.state_as<CounterState>().calls += 1;
  const CounterResponse response{total_of(call, request.Name) + request.Add.value_or(1)};
  put_record(call.txn, "counter/" + request.Name, response);
  if (request.How && request.How->starts_with("publish")) call.publish();
  if (request.How && request.How->ends_with("refuse")) return Error{&refused, "not today"};
  SURGE_ASSERT(request.How != "fail", "asked to fail");
  if (request.How == "store") throw StorageError("the disk is gone");
  if (request.How == "later") {
    call.outbox.at(
        call.now + seconds(5),
        {.service = "counter", .operation = "Add", .account = call.account(), .region = call.region(), .input = R"({"Name":"late"})"});
  }
  return response;
}

Result<CounterResponse> get(Call& call, const CounterRequest& request) { return CounterResponse{total_of(call, request.Name)}; }
Result<CounterResponse> calls(Call& call, const CounterRequest&) { return CounterResponse{call.state_as<CounterState>().calls}; }

void add_slowly(Call& call, const CounterRequest& request, Reply<CounterResponse> reply) {
  put_record(call.txn, "counter/" + request.Name, CounterResponse{7});
  if (request.How == "now") return reply(CounterResponse{1});
  call.lane.at(call.now + seconds(1), [reply = std::move(reply)]() mutable { reply(CounterResponse{2}); });
}

// Waits up to 20 s for the counter to be above zero, and takes one.
Result<CounterResponse> take(Call& call, const CounterRequest& request) {
  const auto total = total_of(call, request.Name);
  const auto deadline = call.arrived() + seconds(20);
  if (total == 0 && call.may_wait() && call.now < deadline) {
    call.park(request.Name, deadline);
    return CounterResponse{-99};
  }
  if (total > 0) put_record(call.txn, "counter/" + request.Name, CounterResponse{total - 1});
  return CounterResponse{total > 0 ? 1 : 0};
}

Result<CounterResponse> put(Call& call, const CounterRequest& request) {
  const CounterResponse response{total_of(call, request.Name) + request.Add.value_or(1)};
  put_record(call.txn, "counter/" + request.Name, response);
  call.signal(request.Name, static_cast<std::size_t>(request.Add.value_or(1)));
  return response;
}

constexpr Operation operations[] = {
    op<take>("Take", Access::Write, "Name"),
    op<put>("Put", Access::Write, "Name"),
    op<add>("Add", Access::Write, "Name"),
    op<get>("Get", Access::Read, "Name"),
    op<calls>("Calls", Access::Read, "Name"),
    op<add>("Grow", Access::Write, "Name").needs_room(),
    async_op<add_slowly>("AddSlowly", Access::Write, "Name"),
};
constexpr Protocol protocols[] = {Protocol::Json10};
const Service counter{.name = "counter",
                      .signing_name = "counter",
                      .protocols = protocols,
                      .operations = operations,
                      .make_state = []() -> std::unique_ptr<LaneState> { return std::make_unique<CounterState>(); }};

struct DispatcherTest : testing::Test {
  TestWorld world{{&counter}};

  // A call that has not been answered yet; the answer appears in `answers`.
  void begin(std::string_view operation, std::string_view input, std::shared_ptr<const std::atomic<bool>> client_left = {}) {
    Box box(*shape_of<CounterRequest>());
    ASSERT_TRUE(read_json(input, box.shape(), box.get()).ok());
    const auto* row =
        &*std::find_if(std::begin(operations), std::end(operations), [&](const auto& each) { return each.name == operation; });
    Invocation invocation{.service = &counter,
                          .operation = row,
                          .input = std::move(box),
                          .caller = service_caller("000000000000", "us-east-1", "test"),
                          .request_id = {},
                          .trace = {},
                          .client_left = std::move(client_left)};
    world.dispatcher->dispatch(std::move(invocation), [this](Result<Box> result) -> Task {
      std::string text = result.ok() ? "" : result.error().message;
      if (result.ok()) write_json(result->shape(), result->get(), text);
      return [this, text] { answers.push_back(text); };
    });
    world.lanes.run_until_idle();
  }
  std::vector<std::string> answers;
};

TEST_F(DispatcherTest, AParkedOperationRunsAgainWhenItsTopicIsSignalled) {
  begin("Take", R"({"Name":"a"})");
  world.advance(seconds(10));
  EXPECT_TRUE(answers.empty());
  world.call("counter", "Put", R"({"Name":"b"})");
  EXPECT_TRUE(answers.empty());
  world.call("counter", "Put", R"({"Name":"a"})");
  EXPECT_EQ(answers, std::vector<std::string>{R"({"Total":1})"});
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"a"})"), R"({"Total":0})");
}

TEST_F(DispatcherTest, AParkedOperationRunsAgainAtItsDeadlineWhichCountsFromItsFirstRun) {
  begin("Take", R"({"Name":"a"})");
  world.advance(seconds(15));
  world.call("counter", "Add", R"({"Name":"other"})");
  world.advance(milliseconds(4999));
  EXPECT_TRUE(answers.empty());
  world.advance(milliseconds(1));
  EXPECT_EQ(answers, std::vector<std::string>{R"({"Total":0})"});
}

TEST_F(DispatcherTest, ASignalWakesAsManyAsItSaysTheLongestWaitingFirst) {
  for (int i = 0; i < 3; ++i) begin("Take", R"({"Name":"a"})");
  world.call("counter", "Put", R"({"Name":"a","Add":2})");
  EXPECT_EQ(answers.size(), 2U);
  world.advance(seconds(20));
  EXPECT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers.back(), R"({"Total":0})");
}

TEST_F(DispatcherTest, WhoHasLeftIsNotHandedAnything) {
  const auto left = std::make_shared<std::atomic<bool>>(false);
  begin("Take", R"({"Name":"a"})", left);
  begin("Take", R"({"Name":"a"})");
  *left = true;
  world.call("counter", "Put", R"({"Name":"a"})");
  EXPECT_EQ(answers, (std::vector<std::string>{"The client has left.", R"({"Total":1})"}));
}

TEST_F(DispatcherTest, TheGenerationRisesWhenAnOperationHasPublishedAndIsCommitted) {
  EXPECT_EQ(world.dispatcher->generation(counter), 0U);
  world.call("counter", "Add", R"({"Name":"a","How":"publish"})");
  EXPECT_EQ(world.dispatcher->generation(counter), 1U);
  world.call("counter", "Add", R"({"Name":"a","How":"publish and refuse"})");
  world.call("counter", "Add", R"({"Name":"a"})");
  EXPECT_EQ(world.dispatcher->generation(counter), 1U);
}

TEST_F(DispatcherTest, NothingWaitsWhileTheServerShutsDown) {
  begin("Take", R"({"Name":"a"})");
  world.dispatcher->stop_waiting();
  world.lanes.run_until_idle();
  EXPECT_EQ(answers, std::vector<std::string>{R"({"Total":0})"});
  EXPECT_EQ(world.call("counter", "Take", R"({"Name":"a"})"), R"({"Total":0})");
}

TEST_F(DispatcherTest, CommitsWhatAnOperationWrote) {
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a","Add":2})"), R"({"Total":2})");
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a"})"), R"({"Total":3})");
}

TEST_F(DispatcherTest, AnErrorRollsBack) {
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a","How":"refuse"})"), "RefusedException: not today");
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"a"})"), R"({"Total":0})");
}

TEST_F(DispatcherTest, AFailedAssertionIsA500AndForgetsTheLaneState) {
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a"})"), R"({"Total":1})");
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a","How":"fail"})").substr(0, 16), "InternalFailure:");
  EXPECT_EQ(world.call("counter", "Calls", R"({"Name":"a"})"), R"({"Total":0})");
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"a"})"), R"({"Total":1})");
}

TEST_F(DispatcherTest, AStorageFailureIsA503) {
  EXPECT_EQ(world.call("counter", "Add", R"({"Name":"a","How":"store"})").substr(0, 19), "ServiceUnavailable:");
}

TEST_F(DispatcherTest, WhatOnlyAddsIsRefusedBeforeItRunsWhileTheDiskIsNearlyFull) {
  world.call("counter", "Grow", R"({"Name":"a"})");
  world.store->fill_disk();
  EXPECT_TRUE(world.call("counter", "Grow", R"({"Name":"a"})").starts_with("ServiceUnavailable: The server's disk is nearly full"));
  world.call("counter", "Add", R"({"Name":"a"})");
  EXPECT_EQ(world.call("counter", "Calls", R"({"Name":"a"})"), R"({"Total":2})") << "the lane keeps its state";
  world.store->free_disk();
  EXPECT_EQ(world.call("counter", "Grow", R"({"Name":"a"})"), R"({"Total":3})");
}

TEST_F(DispatcherTest, UnknownNamesAnswerAnErrorThatNamesThem) {
  EXPECT_EQ(world.call("counter", "Divide", "{}"),
            "UnknownOperationException: The operation Divide of service counter is not supported by Surgetank.");
}

TEST_F(DispatcherTest, AsynchronousOperationsAnswerLaterOrAtOnceAndCommitWhatTheyWrote) {
  EXPECT_EQ(world.call("counter", "AddSlowly", R"({"Name":"a"})"), R"({"Total":2})");
  EXPECT_EQ(world.call("counter", "AddSlowly", R"({"Name":"b","How":"now"})"), R"({"Total":1})");
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"b"})"), R"({"Total":7})");
}

TEST_F(DispatcherTest, OutboxTasksRunWhenDueAndOnce) {
  world.call("counter", "Add", R"({"Name":"a","How":"later"})");
  world.advance(milliseconds(4999));
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"late"})"), R"({"Total":0})");
  world.advance(seconds(1));
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"late"})"), R"({"Total":1})");
  world.advance(minutes(10));
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"late"})"), R"({"Total":1})");
}

TEST_F(DispatcherTest, OutboxTasksSurviveACrash) {
  world.call("counter", "Add", R"({"Name":"a","How":"later"})");
  world.crash_and_restart();
  world.advance(seconds(6));
  EXPECT_EQ(world.call("counter", "Get", R"({"Name":"late"})"), R"({"Total":1})");
}

// The output gate: with manual durability nothing is answered before the sync.
TEST(OutputGate, AnswersOnlyWhatIsDurableEvenToReaders) {
  VirtualLanes lanes(1, Instant{0});
  MemoryStore store(MemoryDurability::Manual);
  Ports ports;
  const Service* services[] = {&counter};
  Dispatcher dispatcher(store, lanes, services, ports, {});
  std::vector<std::string> answers;
  const auto call = [&](std::string_view operation) {
    dispatcher.dispatch_json("counter", operation, service_caller("1", "r", "test"), R"({"Name":"a"})",
                             [&answers](Result<std::string> result) { answers.push_back(result.ok() ? *result : "error"); });
    lanes.run_until_idle();
  };
  call("Add");
  call("Get");
  EXPECT_TRUE(answers.empty());
  store.sync();
  EXPECT_EQ(answers, (std::vector<std::string>{R"({"Total":1})", R"({"Total":1})"}));
}

}  // namespace
}  // namespace surgetank
