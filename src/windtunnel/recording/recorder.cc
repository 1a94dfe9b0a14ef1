#include "windtunnel/recording/recorder.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/text.h"
#include "services/apigateway/model.h"
#include "services/lambda/event_source_model.h"
#include "services/lambda/model.h"
#include "windtunnel/recording/recorder_parts.h"
#include "wire/json_value.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::size_t code_bytes = 1U << 20;

// The function of an ARN or of an integration's URI ("...function:NAME[:qualifier][/invocations]").
std::string function_of(std::string_view arn) {
  constexpr std::string_view mark = ":function:";
  const auto at = arn.find(mark);
  if (at == std::string_view::npos) return {};
  const auto rest = arn.substr(at + mark.size());
  return std::string(rest.substr(0, rest.find_first_of(":/")));
}

// --- templates ---

struct TemplatesReply {
  List<RecordedTemplate> templates;
};
SURGE_SHAPE(TemplatesReply, templates)

void record_templates(ReadingSystem& system, Recording& out) {
  const auto answer = system.admin("templates");
  if (answer.status != 200) return;
  TemplatesReply reply;
  if (!read_json(answer.body, TemplatesReply_shape, &reply).ok()) return;
  out.templates = std::move(reply.templates);
  const auto stacks = parse_json(system.admin("stacks").body);
  const auto* list = stacks.ok() ? stacks->find("stacks") : nullptr;
  if (list == nullptr || !list->is_array()) return;
  std::map<std::pair<std::string, std::string>, std::string> physical;
  for (const auto& stack : *list->as_array()) {
    const auto* name = stack.find_string("name");
    const auto* resources = stack.find("resources");
    if (name == nullptr || resources == nullptr || !resources->is_array()) continue;
    for (const auto& resource : *resources->as_array()) {
      const auto* id = resource.find_string("logicalId");
      const auto* physical_id = resource.find_string("physicalId");
      if (id != nullptr && physical_id != nullptr) physical[{*name, *id}] = *physical_id;
    }
  }
  for (auto& from : out.templates)
    for (auto& resource : from.resources)
      if (const auto found = physical.find({from.stack, resource.logicalId}); found != physical.end()) resource.physicalId = found->second;
}

// --- functions and mappings ---

void record_concurrency(ReadingSystem& system, RecordedFunction& function) {
  const auto name = percent_encode(function.name);
  const auto reserved = system.try_rest("lambda", "/2019-09-30/functions/" + name + "/concurrency");
  if (reserved)
    if (const auto* value = reserved->find("ReservedConcurrentExecutions")) function.reservedConcurrency = value->as_integer();
  const auto provisioned = system.try_rest("lambda", "/2019-09-30/functions/" + name + "/provisioned-concurrency?List=ALL");
  const auto* configs = provisioned ? provisioned->find("ProvisionedConcurrencyConfigs") : nullptr;
  if (configs == nullptr || !configs->is_array()) return;
  for (const auto& config : *configs->as_array())
    if (const auto* value = config.find("RequestedProvisionedConcurrentExecutions"))
      function.provisionedConcurrency += value->as_integer().value_or(0);
}

// Lines that are neither blank nor a comment of their own, and whether the file imports others of its package.
void read_code(const std::string& text, RecordedFunction& function) {
  Integer lines = 0;
  bool own = false;
  for (const auto line : split(text, '\n')) {
    const auto code = trim(line);
    if (code.empty() || code == "\r" || code.starts_with("//") || code.starts_with("#") || code.starts_with("*") || code.starts_with("/*"))
      continue;
    ++lines;
    own = own || contains(code, "\"./") || contains(code, "'./") || contains(code, "\"../") || contains(code, "'../") ||
          code.starts_with("from .");
  }
  function.codeLines = lines;
  function.importsOwnFiles = own;
}

// The one file that a handler can mean, in the folder that the template names as code; otherwise nothing is claimed.
void find_code(ReadingSystem& system, const Recording& out, RecordedFunction& function) {
  std::string folder;
  for (const auto& from : out.templates)
    for (const auto& resource : from.resources)
      if (resource.type == "AWS::Lambda::Function" && resource.physicalId == function.name) folder = resource.code;
  while (folder.ends_with('/')) folder.pop_back();
  const auto dot = function.handler.rfind('.');
  if (folder.empty() || dot == std::string::npos || dot == 0) return;
  const auto module = function.handler.substr(0, dot);
  std::vector<std::string> endings;
  if (function.runtime.starts_with("nodejs")) endings = {".mjs", ".js", ".cjs"};
  if (function.runtime.starts_with("python")) endings = {".py"};
  std::string found;
  std::string text;
  for (const auto& ending : endings) {
    const auto path = folder + "/" + (ending == ".py" ? replace_all(module, ".", "/") : module) + ending;
    auto read = system.file(path, code_bytes);
    if (!read) continue;
    if (!found.empty()) return;
    found = path;
    text = std::move(*read);
  }
  if (found.empty()) return;
  function.codeFile = found;
  read_code(text, function);
}

void record_functions(ReadingSystem& system, const LogicalIds& ids, Recording& out) {
  std::string marker;
  for (int page = 0; page < max_pages; ++page) {
    lambda::ListFunctionsResponse reply;
    system.rest("lambda", "/2015-03-31/functions" + (marker.empty() ? "" : "?Marker=" + percent_encode(marker)), reply);
    for (const auto& found : reply.Functions.value_or(List<lambda::FunctionConfiguration>{})) {
      RecordedFunction function{.name = found.FunctionName,
                                .arn = found.FunctionArn,
                                .logicalId = ids.of("AWS::Lambda::Function", found.FunctionName),
                                .runtime = found.Runtime.value_or(""),
                                .handler = found.Handler.value_or(""),
                                .codeFile = {},
                                .codeLines = {},
                                .importsOwnFiles = {},
                                .memoryMegabytes = found.MemorySize,
                                .timeoutSeconds = found.Timeout,
                                .reservedConcurrency = {},
                                .provisionedConcurrency = 0,
                                .environmentNames = {}};
      if (found.Environment && found.Environment->Variables)
        for (const auto& [name, value] : *found.Environment->Variables) function.environmentNames.push_back(name);
      record_concurrency(system, function);
      find_code(system, out, function);
      out.functions.push_back(std::move(function));
    }
    marker = reply.NextMarker.value_or("");
    if (marker.empty()) break;
  }
  lambda::GetAccountSettingsResponse settings;
  system.rest("lambda", "/2016-08-19/account-settings", settings);
  out.accountConcurrency = settings.AccountLimit.ConcurrentExecutions;
}

void record_mappings(ReadingSystem& system, const LogicalIds& ids, Recording& out) {
  std::string marker;
  for (int page = 0; page < max_pages; ++page) {
    lambda::ListEventSourceMappingsResponse reply;
    system.rest("lambda", "/2015-03-31/event-source-mappings" + (marker.empty() ? "" : "?Marker=" + percent_encode(marker)), reply);
    for (const auto& found : reply.EventSourceMappings.value_or(List<lambda::EventSourceMappingConfiguration>{})) {
      RecordedMapping mapping{.uuid = found.UUID,
                              .queue = last_part(found.EventSourceArn, ':'),
                              .function = function_of(found.FunctionArn),
                              .logicalId = ids.of("AWS::Lambda::EventSourceMapping", found.UUID),
                              .enabled = found.State == "Enabled",
                              .batchSizeMessages = found.BatchSize,
                              .batchWindowSeconds = found.MaximumBatchingWindowInSeconds,
                              .maximumConcurrency = {},
                              .reportsBatchItemFailures = false,
                              .filterPatterns = {}};
      if (found.ScalingConfig) mapping.maximumConcurrency = found.ScalingConfig->MaximumConcurrency;
      if (found.ProvisionedPollerConfig) {
        mapping.minimumPollers = found.ProvisionedPollerConfig->MinimumPollers;
        mapping.maximumPollers = found.ProvisionedPollerConfig->MaximumPollers;
      }
      for (const auto& type : found.FunctionResponseTypes.value_or(List<String>{}))
        mapping.reportsBatchItemFailures |= type == "ReportBatchItemFailures";
      if (found.FilterCriteria)
        for (const auto& filter : found.FilterCriteria->Filters.value_or(List<lambda::FilterSettings>{}))
          mapping.filterPatterns.push_back(filter.Pattern.value_or(""));
      out.mappings.push_back(std::move(mapping));
    }
    marker = reply.NextMarker.value_or("");
    if (marker.empty()) break;
  }
}

// --- routes ---

template <class Reply>
auto all_items(ReadingSystem& system, const std::string& path) {
  typename decltype(Reply::items)::value_type all;
  std::string token;
  for (int page = 0; page < max_pages; ++page) {
    Reply reply;
    system.rest("apigateway", path + (token.empty() ? "" : "?nextToken=" + percent_encode(token)), reply);
    if (reply.items) all.insert(all.end(), reply.items->begin(), reply.items->end());
    token = reply.nextToken.value_or("");
    if (token.empty()) break;
  }
  return all;
}

void take_throttles(const Opt<apigateway::RouteSettings>& settings, RecordedRoute& route) {
  if (!settings) return;
  if (settings->throttlingRateLimit &&
      (!route.throttleRequestsPerSecond || *settings->throttlingRateLimit < *route.throttleRequestsPerSecond)) {
    route.throttleRequestsPerSecond = settings->throttlingRateLimit;
    route.throttleBurstRequests = settings->throttlingBurstLimit;
  }
}

void record_api(ReadingSystem& system, const LogicalIds& ids, const std::string& api, Recording& out) {
  const auto path = "/v2/apis/" + percent_encode(api);
  const auto stages = all_items<apigateway::GetStagesResponse>(system, path + "/stages");
  std::map<std::string, apigateway::Integration> integrations;
  for (auto& found : all_items<apigateway::GetIntegrationsResponse>(system, path + "/integrations"))
    integrations["integrations/" + found.integrationId.value_or("")] = found;
  for (const auto& found : all_items<apigateway::GetRoutesResponse>(system, path + "/routes")) {
    RecordedRoute route{.api = api,
                        .routeKey = found.routeKey,
                        .integrationType = {},
                        .function = {},
                        .logicalId = ids.of("AWS::ApiGatewayV2::Route", found.routeId.value_or("")),
                        .throttleRequestsPerSecond = {},
                        .throttleBurstRequests = {}};
    if (const auto target = integrations.find(found.target.value_or("")); target != integrations.end()) {
      route.integrationType = target->second.integrationType.value_or("");
      route.function = function_of(target->second.integrationUri.value_or(""));
      route.timeoutMilliseconds = target->second.timeoutInMillis;
    }
    for (const auto& stage : stages) {
      Opt<apigateway::RouteSettings> own;
      if (stage.routeSettings)
        if (const auto set = stage.routeSettings->find(found.routeKey); set != stage.routeSettings->end()) own = set->second;
      take_throttles(own && own->throttlingRateLimit ? own : stage.defaultRouteSettings, route);
    }
    out.routes.push_back(std::move(route));
  }
}

template <class T>
void sort_by_first(List<T>& list, String T::*name) {
  std::sort(list.begin(), list.end(), [name](const T& a, const T& b) { return a.*name < b.*name; });
}

}  // namespace

Recording record(RunningSystem& running, const RecordingOptions& options) {
  ReadingSystem system(running);
  Recording out;
  out.version = options.version;
  out.region = options.region;
  record_traces(system, options.last_traces, out);
  record_host(system, out);
  record_quotas(system, out);
  record_metrics(system, out);
  record_templates(system, out);
  const LogicalIds ids(out);
  record_functions(system, ids, out);
  record_mappings(system, ids, out);
  for (const auto& api : all_items<apigateway::GetApisResponse>(system, "/v2/apis")) record_api(system, ids, api.apiId.value_or(""), out);
  record_queues(system, ids, out);
  record_databases(system, ids, out);
  record_secrets(system, out);
  sort_by_first(out.templates, &RecordedTemplate::stack);
  sort_by_first(out.functions, &RecordedFunction::name);
  sort_by_first(out.queues, &RecordedQueue::name);
  sort_by_first(out.mappings, &RecordedMapping::uuid);
  sort_by_first(out.databases, &RecordedDatabase::identifier);
  std::sort(out.routes.begin(), out.routes.end(),
            [](const auto& a, const auto& b) { return std::tie(a.api, a.routeKey) < std::tie(b.api, b.routeKey); });
  return out;
}

}  // namespace surgetank::windtunnel
