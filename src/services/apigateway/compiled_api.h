#pragma once
// An API as the data plane sees it: per stage the routes of its deployment, most specific first. Pure; immutable once compiled.
//
// Which route a request takes (AWS: "Create routes for HTTP APIs"): full matches win over greedy path variables, literal segments over
// path variables, a route's own method over ANY, and $default takes what is left.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/apigateway/model.h"

namespace surgetank::apigateway {

struct CompiledRoute {
  std::string route_key;
  std::string method;  // "ANY" for all; empty for $default
  struct Segment {
    enum class Kind : unsigned char { Literal, Variable, Greedy } kind = Kind::Literal;
    std::string text;  // the literal, or the variable's name
  };
  std::vector<Segment> segments;
  std::shared_ptr<const Integration> integration;  // null: the route has no target
  // What the stage's settings for this route, or else its defaults, say; each route has a bucket of its own.
  struct Throttle {
    std::optional<double> requests_per_second;
    std::optional<std::int64_t> burst;
    std::string owner;  // of the bucket: API, stage and route
  };
  std::optional<Throttle> throttle;
};

struct RouteMatch {
  const CompiledRoute* route = nullptr;                              // null: nothing matches
  std::vector<std::pair<std::string, std::string>> path_parameters;  // decoded
};

struct CompiledStage {
  std::string name;
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<CompiledRoute> routes;  // most specific first, $default last
};

struct CompiledApi {
  std::string account;
  std::string region;
  std::string api_id;
  std::optional<Cors> cors;
  bool enabled = true;  // disableExecuteApiEndpoint not set
  std::map<std::string, CompiledStage, std::less<>> stages;

  // The stage that a path selects, and the path below it: the first segment if it names a stage, else $default. Null: no stage.
  std::pair<const CompiledStage*, std::string_view> stage_of(std::string_view path) const;
};

std::shared_ptr<const CompiledApi> compile(const ApiRecord& record);
// `path` is as sent (percent-encoded), without stage.
RouteMatch match_route(const CompiledStage& stage, std::string_view method, std::string_view path);

}  // namespace surgetank::apigateway
