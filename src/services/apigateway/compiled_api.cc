#include "services/apigateway/compiled_api.h"

#include <algorithm>

#include "base/text.h"
#include "kernel/record.h"
#include "services/apigateway/keys.h"
#include "services/apigateway/state.h"

namespace surgetank::apigateway {
namespace {

using Segment = CompiledRoute::Segment;

constexpr std::string_view default_name = "$default";
constexpr std::string_view target_prefix = "integrations/";

Segment parse_segment(std::string_view text) {
  if (text.size() < 3 || text.front() != '{' || text.back() != '}') return {Segment::Kind::Literal, std::string(text)};
  const auto name = text.substr(1, text.size() - 2);
  if (name.back() == '+') return {Segment::Kind::Greedy, std::string(name.substr(0, name.size() - 1))};
  return {Segment::Kind::Variable, std::string(name)};
}

CompiledRoute compile_route(const Route& route, const Definition& definition) {
  CompiledRoute out;
  out.route_key = route.routeKey;
  if (route.target && route.target->substr(0, target_prefix.size()) == target_prefix) {
    const auto found = definition.integrations.find(route.target->substr(target_prefix.size()));
    if (found != definition.integrations.end()) out.integration = std::make_shared<const Integration>(found->second);
  }
  const auto space = route.routeKey.find(' ');
  if (space == std::string::npos) return out;
  out.method = route.routeKey.substr(0, space);
  for (const auto part : split(std::string_view(route.routeKey).substr(space + 2), '/')) out.segments.push_back(parse_segment(part));
  return out;
}

// Whether `a` is to be tried before `b`.
bool more_specific(const CompiledRoute& a, const CompiledRoute& b) {
  if (a.method.empty() != b.method.empty()) return b.method.empty();
  const auto greedy = [](const CompiledRoute& route) {
    return !route.segments.empty() && route.segments.back().kind == Segment::Kind::Greedy;
  };
  if (greedy(a) != greedy(b)) return greedy(b);
  for (std::size_t i = 0; i < std::min(a.segments.size(), b.segments.size()); ++i)
    if (a.segments[i].kind != b.segments[i].kind) return a.segments[i].kind < b.segments[i].kind;
  if (a.segments.size() != b.segments.size()) return a.segments.size() > b.segments.size();
  return a.method != "ANY" && b.method == "ANY";
}

bool match_segments(const CompiledRoute& route, std::string_view path, RouteMatch& match) {
  auto rest = path.substr(path.empty() ? 0 : 1);
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    const auto& segment = route.segments[i];
    const bool last = i + 1 == route.segments.size();
    if (segment.kind == Segment::Kind::Greedy) {
      auto value = percent_decode(rest, PlusMeaning::Plus);
      if (rest.empty() || !value) return false;
      match.path_parameters.emplace_back(segment.text, std::move(*value));
      return true;
    }
    const auto slash = rest.find('/');
    if ((slash == std::string_view::npos) != last) return false;
    auto value = percent_decode(rest.substr(0, slash), PlusMeaning::Plus);
    if (!value) return false;
    if (segment.kind == Segment::Kind::Literal && *value != segment.text) return false;
    if (segment.kind == Segment::Kind::Variable) {
      if (value->empty()) return false;
      match.path_parameters.emplace_back(segment.text, std::move(*value));
    }
    if (!last) rest.remove_prefix(slash + 1);
  }
  return true;
}

std::optional<CompiledRoute::Throttle> throttle_of(const ApiRecord& record, const Stage& stage, const String& route_key) {
  const auto is_throttled = [](const RouteSettings& settings) { return settings.throttlingRateLimit || settings.throttlingBurstLimit; };
  const RouteSettings* settings = stage.defaultRouteSettings ? &*stage.defaultRouteSettings : nullptr;
  if (stage.routeSettings) {
    const auto own = stage.routeSettings->find(route_key);
    if (own != stage.routeSettings->end() && is_throttled(own->second)) settings = &own->second;
  }
  if (settings == nullptr || !is_throttled(*settings)) return std::nullopt;
  return CompiledRoute::Throttle{.requests_per_second = settings->throttlingRateLimit,
                                 .burst = settings->throttlingBurstLimit,
                                 .owner = record.api.apiId.value_or("") + "/" + stage.stageName + "/" + route_key};
}

CompiledStage compile_stage(const ApiRecord& record, const Stage& stage) {
  CompiledStage out;
  out.name = stage.stageName;
  if (stage.stageVariables)
    for (const auto& [name, value] : *stage.stageVariables) out.variables.emplace_back(name, value);
  const auto deployment = stage.deploymentId ? record.deployments.find(*stage.deploymentId) : record.deployments.end();
  if (deployment == record.deployments.end()) return out;
  const auto& definition = deployment->second.definition;
  for (const auto& [id, route] : definition.routes) {
    auto& compiled = out.routes.emplace_back(compile_route(route, definition));
    compiled.throttle = throttle_of(record, stage, route.routeKey);
  }
  std::stable_sort(out.routes.begin(), out.routes.end(), more_specific);
  return out;
}

}  // namespace

std::shared_ptr<const CompiledApi> compile(const ApiRecord& record) {
  auto api = std::make_shared<CompiledApi>();
  api->account = record.account;
  api->region = record.region;
  api->api_id = record.api.apiId.value_or("");
  api->cors = record.api.corsConfiguration;
  api->enabled = !record.api.disableExecuteApiEndpoint;
  for (const auto& [name, stage] : record.stages) api->stages.emplace(name, compile_stage(record, stage));
  return api;
}

std::pair<const CompiledStage*, std::string_view> CompiledApi::stage_of(std::string_view path) const {
  const auto end = path.find('/', 1);
  const auto first = path.size() > 1 ? path.substr(1, end == std::string_view::npos ? end : end - 1) : std::string_view{};
  if (const auto named = stages.find(first); named != stages.end() && first != default_name)
    return {&named->second, end == std::string_view::npos ? std::string_view("/") : path.substr(end)};
  const auto fallback = stages.find(default_name);
  return {fallback == stages.end() ? nullptr : &fallback->second, path};
}

RouteMatch match_route(const CompiledStage& stage, std::string_view method, std::string_view path) {
  for (const auto& route : stage.routes) {
    RouteMatch match{&route, {}};
    if (route.method.empty()) return match;
    if ((route.method == "ANY" || route.method == method) && match_segments(route, path, match)) return match;
  }
  return {};
}

std::shared_ptr<const CompiledApi> GatewayState::find(Txn& txn, const std::string& api_id, std::uint64_t generation) {
  if (generation > generation_) {
    apis_.clear();
    generation_ = generation;
  }
  if (const auto known = apis_.find(api_id); known != apis_.end()) return known->second;
  const auto record = get_record<ApiRecord>(txn, keys::api(api_id));
  if (!record) return nullptr;
  return apis_[api_id] = compile(*record);
}

}  // namespace surgetank::apigateway
