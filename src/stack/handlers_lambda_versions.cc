// AWS::Lambda::Version and AWS::Lambda::Alias, with their provisioned concurrency.
#include "base/text.h"
#include "stack/handler_tools.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view not_found = "ResourceNotFoundException";

// The parts of "<function ARN>:<qualifier>".
std::string function_of(const std::string& qualified_arn) { return qualified_arn.substr(0, qualified_arn.rfind(':')); }
std::string qualifier_of(const std::string& qualified_arn) { return qualified_arn.substr(qualified_arn.rfind(':') + 1); }

Node qualified(const std::string& arn) { return text_map({{"FunctionName", function_of(arn)}, {"Qualifier", qualifier_of(arn)}}); }

ApiCall put_provisioned(const Work& work, const std::string& arn) {
  Node input = qualified(arn);
  const Node* config = work.properties.find("ProvisionedConcurrencyConfig");
  if (const Node* amount = config->find("ProvisionedConcurrentExecutions"); amount != nullptr)
    input.set("ProvisionedConcurrentExecutions", *amount);
  return {"lambda", "PutProvisionedConcurrencyConfig", std::move(input)};
}

// After `count` answers: asks for provisioned concurrency and waits until it is there. `last` is what follows.
Step provision(const Work& work, std::size_t count, const std::string& arn, Step last) {
  if (!work.has("ProvisionedConcurrencyConfig")) return last;
  if (work.answers.size() == count) return make_call(put_provisioned(work, arn), arn);
  if (work.answers.size() == count + 1) return make_call({"lambda", "GetProvisionedConcurrencyConfig", qualified(arn)}, arn);
  const Node& state = work.answers.back().value;
  const std::string status = state.text_of("Status");
  if (status == "READY") return last;
  if (status == "FAILED") return failed("Provisioned concurrency of " + arn + " failed: " + state.text_of("StatusReason"));
  return repeat_call(arn);
}

// --- versions ---

Step version_done(const std::string& arn) { return done(arn, text_map({{"FunctionArn", arn}, {"Version", qualifier_of(arn)}})); }

bool lists_version(const Node& page, const std::string& version) {
  const Node* versions = page.find("Versions");
  if (versions == nullptr) return false;
  for (const Node& one : versions->items)
    if (one.text_of("Version") == version) return true;
  return false;
}

// What exists is listed first: publishing an unchanged function would answer with a version that belongs to somebody else.
Step create_version(const Work& work) {
  const Node function = text_map({{"FunctionName", work.text("FunctionName")}});
  std::size_t pages = 0;
  while (pages < work.answers.size() && work.answer(pages).find("NextMarker") != nullptr) ++pages;
  if (pages >= work.answers.size()) {
    Node input = function;
    if (pages > 0) input.set("Marker", *work.answer(pages - 1).find("NextMarker"));
    return make_call({"lambda", "ListVersionsByFunction", std::move(input)});
  }
  const std::size_t listings = pages + 1;
  if (work.answers.size() == listings)
    return make_call({"lambda", "PublishVersion", with_members(function, work.properties, {"Description", "CodeSha256"})});
  const Node& published = work.answer(listings);
  for (std::size_t page = 0; page < listings; ++page) {
    if (!lists_version(work.answer(page), published.text_of("Version"))) continue;
    return failed("A version for this Lambda function exists ( " + published.text_of("Version") +
                  " ). Modify the function to create a new version.");
  }
  const std::string arn = published.text_of("FunctionArn");
  return provision(work, listings + 1, arn, version_done(arn));
}

Step remove_version(const Work& work) {
  return in_order(work, {{"lambda", "DeleteFunction", qualified(work.physical_id), {not_found}}}, done(work.physical_id));
}

// --- aliases ---

// [{FunctionVersion, FunctionWeight}] as {version: weight}.
Node routing(const Node& config) {
  Node weights = make_map();
  if (const Node* list = config.find("AdditionalVersionWeights"); list != nullptr) {
    for (const Node& one : list->items)
      if (const Node* weight = one.find("FunctionWeight"); weight != nullptr) weights.set(one.text_of("FunctionVersion"), *weight);
  }
  Node result = make_map();
  result.set("AdditionalVersionWeights", std::move(weights));
  return result;
}

Node alias_members(const Work& work, Node input) {
  input = with_members(std::move(input), work.properties, {"FunctionVersion", "Description"});
  if (const Node* config = work.properties.find("RoutingConfig"); config != nullptr) input.set("RoutingConfig", routing(*config));
  return input;
}

Step create_alias(const Work& work) {
  if (work.answers.empty()) {
    Node input = with_members(make_map(), work.properties, {"FunctionName", "Name"});
    return make_call({"lambda", "CreateAlias", alias_members(work, std::move(input))});
  }
  const std::string arn = work.answer(0).text_of("AliasArn");
  return provision(work, 1, arn, done(arn, text_map({{"AliasArn", arn}})));
}

Step update_alias(const Work& work) {
  const std::string& arn = work.physical_id;
  Step last = done(arn, text_map({{"AliasArn", arn}}));
  Node input = alias_members(work, text_map({{"FunctionName", function_of(arn)}, {"Name", qualifier_of(arn)}}));
  const auto removed = [&work](std::string_view name) { return work.previous.find(name) != nullptr && !work.has(name); };
  if (removed("Description")) input.set("Description", make_string(""));
  if (removed("RoutingConfig")) input.set("RoutingConfig", routing(make_map()));
  std::vector<ApiCall> calls{{"lambda", "UpdateAlias", std::move(input)}};
  if (removed("ProvisionedConcurrencyConfig"))
    calls.insert(calls.begin(), {"lambda", "DeleteProvisionedConcurrencyConfig", qualified(arn), {not_found}});
  const std::size_t count = calls.size();
  if (work.answers.size() < count) return in_order(work, std::move(calls), Step{});
  return provision(work, count, arn, std::move(last));
}

Step remove_alias(const Work& work) {
  const Node input = text_map({{"FunctionName", function_of(work.physical_id)}, {"Name", qualifier_of(work.physical_id)}});
  return in_order(work, {{"lambda", "DeleteAlias", input, {not_found}}}, done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::Lambda::Alias", 0, Letters::Any, create_alias, update_alias, remove_alias},
    {"AWS::Lambda::Version", 0, Letters::Any, create_version, nullptr, remove_version},
};

}  // namespace

std::span<const ResourceHandler> lambda_version_handlers() { return handlers; }

}  // namespace surgetank::stack
