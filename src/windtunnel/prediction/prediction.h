#pragma once
// Predicts how an application behaves under traffic: the control code of the live system - environment pool, concurrency, token buckets,
// queues, pollers, retries - in virtual time, with the function's code replaced by the time that it takes. The same profile, traffic and
// conditions give the same outcome, to the last digit. Millions of requests a minute of real time; memory grows with what waits, not with
// what was done. Pure: sees no clock, no files, no threads.
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernel/quota.h"
#include "kernel/quotas.h"
#include "windtunnel/load/traffic.h"
#include "windtunnel/prediction/outcome.h"
#include "windtunnel/prediction/profile.h"

namespace surgetank::prediction {

// Aws: each environment has the processor share of its memory, databases the processors of their class, and nobody disturbs anybody.
// This: all work shares the processors of the machine that the profile was measured on, and its limit of function processes holds.
enum class Place : std::uint8_t { Aws, This };

struct Conditions {
  Place place = Place::Aws;
  std::uint64_t seed = 1;
  Duration warm_up = {};  // at the begin of the traffic: happens, but is not in the figures
  std::vector<std::span<const QuotaRow>> quota_tables = {};
  std::optional<QuotaProfile> quota_profile = {};                  // absent: that of the profile, with its values
  std::map<std::string, std::int64_t> quota_values = {};           // by id of the row, instead of either's
  std::string region = {};                                         // whose quotas; empty: the profile's, or us-east-1
  std::map<std::string, double> raised = {};                       // limits by id (LimitUse), so many times as large: see relief.h
  int client_retries = 0;                                          // of a request that was answered 429 or 5xx
  Duration longest_tail = minutes(15);                             // after the traffic: to see queues run empty
  std::function<void(Duration done, Duration all)> progress = {};  // each virtual second
};

// `profile` has passed check_profile.
Outcome predict(const Profile& profile, const windtunnel::Traffic& traffic, const Conditions& conditions);

}  // namespace surgetank::prediction
