#pragma once
// The compiled APIs of one lane: what the data plane matches requests against, decoded from the stored record on first touch
// and forgotten when an operation changes the API.
#include <map>
#include <memory>
#include <string>

#include "kernel/call.h"
#include "services/apigateway/compiled_api.h"

namespace surgetank::apigateway {

class GatewayState final : public LaneState {
 public:
  // Null: there is no such API.
  std::shared_ptr<const CompiledApi> find(Txn& txn, const std::string& api_id);
  void forget(const std::string& api_id) { apis_.erase(api_id); }

 private:
  std::map<std::string, std::shared_ptr<const CompiledApi>> apis_;
};

}  // namespace surgetank::apigateway
