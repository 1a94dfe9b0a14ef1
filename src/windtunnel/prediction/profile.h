#pragma once
// What an application does, as far as its capacity goes: routes and what they start, functions as sequences of steps with the time each
// takes, queues and their mappings, databases, and the machine that the times were measured on. Made from a recording
// (profile_from_recording.h) or read from a file (profile_file.h, where the format is described). Plain values; names are unique within
// their kind.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "kernel/quotas.h"
#include "windtunnel/prediction/distribution.h"

namespace surgetank::prediction {

// Compute: the function's own code. AwsCall: a call to a service. Send: a message to a queue of the application. Invoke: another function.
enum class StepKind : std::uint8_t { Compute, AwsCall, DatabaseConnect, DatabaseStatement, Send, Invoke };
enum class StepOccurs : std::uint8_t { EachInvocation, OncePerEnvironment };
enum class InvokeMode : std::uint8_t { Wait, Event };

struct Step {
  StepKind kind = StepKind::Compute;
  std::string name = {};    // AwsCall: "SecretsManager.GetSecretValue"; statements: their text
  std::string target = {};  // database, queue or function
  Distribution time = {};   // alone on the machine
  double cpu_share = 0;     // of `time`, that is work for a processor rather than waiting
  double probability = 1;   // that an invocation takes it
  StepOccurs occurs = StepOccurs::EachInvocation;
  InvokeMode mode = InvokeMode::Wait;
};

// What the first invocations of an environment take on top, because compilers and caches warm up.
struct WarmUp {
  std::int64_t until = 1;  // the last invocation of an environment that it holds for, counted from one
  Duration time = {};      // that an invocation takes longer: work, alone on the machine
  Duration beside = {};    // work of the same process that the invocation does not wait for
};

struct FunctionProfile {
  std::string name = {};
  std::string runtime = {};
  std::int64_t memory_mb = 128;
  Duration timeout = seconds(3);
  Distribution init = {};
  double init_cpu_share = 1;
  Duration init_work_beside = {};    // processor time of a start that it does not wait for (other threads)
  std::vector<WarmUp> warm_up = {};  // `until` rises
  std::vector<Step> steps = {};
  double slow_together = 0;   // correlation of the recorded times of an invocation's steps; 0: each is drawn by itself
  Duration work_beside = {};  // processor time of an invocation that is in none of its steps (other threads, the end of connections)
  double failure_share = 0;   // of invocations that end with an error of their own; with partial batch responses: of messages
  std::optional<std::int64_t> reserved_concurrency = {};
  std::int64_t provisioned_concurrency = 0;
  std::int64_t maximum_retry_attempts = 2;  // of asynchronous invocations
  Duration maximum_event_age = hours(6);
};

enum class Entry : std::uint8_t { Gateway, Direct };

struct RouteProfile {
  std::string name = {};      // "POST /orders"
  std::string function = {};  // one of the two
  std::string queue = {};
  Entry entry = Entry::Gateway;
  double weight = 1;  // its part of the traffic
  Distribution overhead = {};
  double overhead_cpu_share = 0;
  Duration timeout = seconds(30);  // of the integration
  std::int64_t request_bytes = 0;
  std::int64_t response_bytes = 0;
  std::optional<double> throttle_rate = {};  // requests a second that the stage lets through; nullopt: only the account's quota
  std::int64_t throttle_burst = 5'000;       // with a throttle_rate
};

struct QueueProfile {
  std::string name = {};
  bool is_fifo = false;
  Duration delay = {};
  Duration visibility = seconds(30);
  Duration retention = days(4);
  std::int64_t maximum_receive_count = 0;  // 0: no dead-letter queue
  std::string dead_letter_queue = {};
  std::int64_t message_bytes = 1'000;
  std::int64_t groups = 1;  // FIFO: different message groups
};

enum class BatchFailures : std::uint8_t { Whole, Reported };

struct MappingProfile {
  std::string queue = {};
  std::string function = {};
  std::int64_t batch_size = 10;
  Duration window = {};
  std::optional<std::int64_t> maximum_concurrency = {};
  BatchFailures failures = BatchFailures::Whole;
  std::optional<std::int64_t> minimum_pollers = {};  // provisioned mode, if either is given
  std::optional<std::int64_t> maximum_pollers = {};
};

struct DatabaseProfile {
  std::string name = {};
  std::string instance_class = "db.t4g.micro";
};

// The machine of the recording: what `--host this` predicts.
struct HostProfile {
  double processors = 0;              // 0: not known
  std::int64_t processes = 0;         // function processes that it runs at most; 0: not known
  Duration work_beside_request = {};  // processor time of a request that is in none of its steps (logs, metrics)
  double background = 0;              // processors that are busy without requests
  double recorded_rate = 0;           // requests a second of the recording; 0: not known
  double recorded_use = 0;            // share of the processors that the recording kept busy; 0: not known
};

// Quotas in force, where the recording was made or as a profile's author has it.
struct ProfileQuotas {
  QuotaProfile profile = QuotaProfile::Aws;
  std::map<std::string, std::int64_t> values = {};  // by id, instead of the profile's; Quotas::unlimited: no limit
  bool operator==(const ProfileQuotas&) const = default;
};

struct Profile {
  std::string source = {};  // where it comes from, for people
  std::string region = {};  // whose quotas hold; empty: not known, and us-east-1 is meant
  ProfileQuotas quotas = {};
  std::vector<std::string> not_modelled = {};  // what the application has and no prediction takes into account, for people
  std::vector<RouteProfile> routes = {};
  std::vector<FunctionProfile> functions = {};
  std::vector<QueueProfile> queues = {};
  std::vector<MappingProfile> mappings = {};
  std::vector<DatabaseProfile> databases = {};
  HostProfile host = {};
};

}  // namespace surgetank::prediction
