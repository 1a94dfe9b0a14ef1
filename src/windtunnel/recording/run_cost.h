#pragma once
// What a recorded run would have cost on AWS at list price, service by service. What is paid by the hour whatever the load (databases)
// is left out, and so are free tiers. Pure; any thread; nothing fails.
#include <string>
#include <vector>

#include "windtunnel/recording/recording.h"

namespace surgetank::windtunnel {

struct CostItem {
  std::string service;  // "Lambda"
  double dollars = 0;
  double units = 0;  // requests, calls, gigabytes
  std::string unit;
};
struct RunCost {
  std::vector<CostItem> items;  // the dearest first
  double dollars = 0;           // of all
  Integer requests = 0;         // that came through a gateway
  double dollars_per_million_requests() const { return requests == 0 ? 0 : dollars / static_cast<double>(requests) * 1e6; }
};

RunCost cost_of(const Recording& recording);

}  // namespace surgetank::windtunnel
