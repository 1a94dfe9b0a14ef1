#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "services/apigateway/keys.h"
#include "services/apigateway/limits.h"
#include "services/apigateway/operations.h"
#include "services/apigateway/quotas.h"

namespace surgetank::apigateway {
namespace {

constexpr std::string_view id_alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

Result<ApiRecord> find_api(Call& call, const String& api_id) {
  auto record = get_record<ApiRecord>(call.txn, keys::api(api_id));
  if (!record || record->account != call.account() || record->region != call.region())
    return Error{&NotFoundException, "Invalid API identifier specified " + call.account() + ":" + api_id};
  return std::move(*record);
}

void save_api(Call& call, const ApiRecord& record) {
  put_record(call.txn, keys::api(*record.api.apiId), record);
  call.publish();
}

String add_deployment(Call& call, ApiRecord& record, const Opt<String>& description, bool automatic) {
  const auto id = new_id(call);
  record.deployments[id] = {.deployment = {.autoDeployed = automatic,
                                           .createdDate = call.now,
                                           .deploymentId = id,
                                           .deploymentStatus = "DEPLOYED",
                                           .description = description},
                            .definition = record.definition};
  return id;
}

void deploy_automatically(Call& call, ApiRecord& record) {
  const bool wanted = std::any_of(record.stages.begin(), record.stages.end(), [](const auto& stage) { return stage.second.autoDeploy; });
  if (!wanted) return;
  const auto id = add_deployment(call, record, "Automatic deployment triggered by changes to the Api configuration", true);
  for (auto& [name, stage] : record.stages) {
    if (!stage.autoDeploy) continue;
    stage.deploymentId = id;
    stage.lastUpdatedDate = call.now;
    stage.lastDeploymentStatusMessage = "Successfully deployed stage with deployment ID '" + id + "'";
  }
  // Automatic deployments that no stage shows any more are of no use to anybody.
  std::erase_if(record.deployments, [&](const auto& entry) {
    const bool used = std::any_of(record.stages.begin(), record.stages.end(),
                                  [&](const auto& stage) { return stage.second.deploymentId == entry.first; });
    return entry.second.deployment.autoDeployed && !used;
  });
}

String new_id(Call& call) { return call.random.from_alphabet(id_alphabet, 7); }

String new_api_id(Call& call) { return call.random.from_alphabet(id_alphabet, 10); }

Error not_found(std::string_view kind, std::string_view id) {
  return {&NotFoundException, "Invalid " + std::string(kind) + " identifier specified " + std::string(id)};
}

Error bad_request(std::string message) { return {&BadRequestException, std::move(message)}; }

Error unsupported(std::string_view member, std::string_view what) {
  return bad_request(std::string(member) + ": " + std::string(what) + " is not supported by Surgetank yet");
}

Result<Unit> check_tags(Call& call, const Map<String>& tags) {
  SURGE_CHECK(check_quota(call.ports.quotas, quotas::tags, tags.size()));
  for (const auto& [name, value] : tags)
    if (name.empty() || name.size() > 128 || value.size() > 256)
      return bad_request("Invalid tag: keys have 1 to 128 characters and values up to 256");
  return Unit{};
}

std::string endpoint_of(Call& call, const String& api_id) { return "http://" + api_id + ".execute-api." + call.ports.api_host; }

Result<std::pair<std::size_t, std::size_t>> page_bounds(std::size_t count, const Opt<String>& max_results, const Opt<String>& next_token) {
  const auto page = max_results ? parse_integer(*max_results) : limits::page;
  if (!page || *page < 1 || *page > limits::largest_page) return bad_request("Invalid maxResults: a number from 1 to 500 is expected");
  const auto first = next_token ? parse_integer(*next_token) : 0;
  if (!first || *first < 0 || *first > static_cast<std::int64_t>(count)) return bad_request("Invalid nextToken");
  const auto from = static_cast<std::size_t>(*first);
  return std::pair(from, std::min(count, from + static_cast<std::size_t>(*page)));
}

}  // namespace surgetank::apigateway
