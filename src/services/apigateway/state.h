#pragma once
// The compiled APIs of one lane: what the data plane matches requests against, decoded from the stored record on first touch.
// Every lane keeps its own, so that a request is served where its connection lives; all are decoded again when an operation on
// any lane has changed an API (Call::publish).
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "kernel/call.h"
#include "services/apigateway/compiled_api.h"

namespace surgetank::apigateway {

class GatewayState final : public LaneState {
 public:
  // Null: there is no such API. `generation` is one that was read before `txn` began.
  std::shared_ptr<const CompiledApi> find(Txn& txn, const std::string& api_id, std::uint64_t generation);

 private:
  std::uint64_t generation_ = 0;  // what is in apis_ is at least as new
  std::map<std::string, std::shared_ptr<const CompiledApi>> apis_;
};

}  // namespace surgetank::apigateway
