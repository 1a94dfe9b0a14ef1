// AWS::Lambda::Function, Permission and EventInvokeConfig.
#include "base/text.h"
#include "stack/handler_tools.h"
#include "stack/inline_code.h"

namespace surgetank::stack {
namespace {

std::string function_arn(const Work& work, const std::string& name) {
  return "arn:aws:lambda:" + work.region + ":" + work.account + ":function:" + name;
}

// Code as the API takes it: inline text becomes a zip archive, the rest passes.
Node code_input(const Work& work) {
  const Node* code = work.properties.find("Code");
  Node input = code == nullptr ? make_map() : *code;
  if (Node* text = input.find("ZipFile"); text != nullptr && input.find("LocalHash") == nullptr) {
    *text = make_string(to_base64(inline_code_archive(work.text("Runtime"), text->text)));
  }
  if (input.find("ZipFile") != nullptr) {
    input.erase("LocalHash");
    input.erase("LocalSize");
  }
  return input;
}

Node configuration(const Work& work) {
  Node input = with_members(make_map(), work.properties,
                            {"Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize", "Environment", "TracingConfig",
                             "EphemeralStorage", "LoggingConfig", "DeadLetterConfig"});
  if (const Node* key = work.properties.find("KmsKeyArn"); key != nullptr) input.set("KMSKeyArn", *key);
  return input;
}

// What is reserved, or that nothing is any more.
ApiCall reserve(const Work& work) {
  Node input = text_map({{"FunctionName", work.physical_id}});
  if (!work.has("ReservedConcurrentExecutions")) return {"lambda", "DeleteFunctionConcurrency", std::move(input)};
  return {"lambda", "PutFunctionConcurrency", with_members(std::move(input), work.properties, {"ReservedConcurrentExecutions"})};
}

Step create_function(const Work& work) {
  Node input = configuration(work);
  input.set("FunctionName", make_string(work.physical_id));
  input.set("Code", code_input(work));
  input = with_members(std::move(input), work.properties, {"PackageType", "Architectures"});
  if (work.has("Tags")) input.set("Tags", tag_map(work.properties.find("Tags")));
  const std::string arn = work.answers.empty() ? "" : work.answer(0).text_of("FunctionArn");
  std::vector<ApiCall> calls{{"lambda", "CreateFunction", std::move(input)}};
  if (work.has("ReservedConcurrentExecutions")) calls.push_back(reserve(work));
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Arn", arn}})));
}

// What was given before and is not any more goes back to its default.
void reset_removed(const Work& work, Node& input) {
  const auto removed = [&work](std::string_view name) { return work.previous.find(name) != nullptr && !work.has(name); };
  if (removed("Description")) input.set("Description", make_string(""));
  if (removed("Timeout")) input.set("Timeout", make_number(3));
  if (removed("MemorySize")) input.set("MemorySize", make_number(128));
  if (removed("KmsKeyArn")) input.set("KMSKeyArn", make_string(""));
  if (removed("Environment")) input.set("Environment", make_map()).set("Variables", make_map());
  if (removed("TracingConfig")) input.set("TracingConfig", text_map({{"Mode", "PassThrough"}}));
  if (removed("EphemeralStorage")) input.set("EphemeralStorage", make_map()).set("Size", make_number(512));
  if (removed("DeadLetterConfig")) input.set("DeadLetterConfig", text_map({{"TargetArn", ""}}));
  if (removed("LoggingConfig"))
    input.set("LoggingConfig", text_map({{"LogFormat", "Text"}, {"LogGroup", "/aws/lambda/" + work.physical_id}}));
}

Step update_function(const Work& work) {
  std::vector<ApiCall> calls;
  const std::string arn = function_arn(work, work.physical_id);
  bool settings = false;
  for (const std::string& name : work.changed) {
    settings = settings || (name != "Code" && name != "Architectures" && name != "Tags" && name != "ReservedConcurrentExecutions");
  }
  if (settings) {
    Node input = configuration(work);
    input.set("FunctionName", make_string(work.physical_id));
    reset_removed(work, input);
    calls.push_back({"lambda", "UpdateFunctionConfiguration", std::move(input)});
  }
  if (work.did_change("Code") || work.did_change("Architectures")) {
    Node input = with_members(code_input(work), work.properties, {"Architectures"});
    input.set("FunctionName", make_string(work.physical_id));
    calls.push_back({"lambda", "UpdateFunctionCode", std::move(input)});
  }
  if (work.did_change("ReservedConcurrentExecutions")) calls.push_back(reserve(work));
  TagChanges tags = tag_changes(work.previous.find("Tags"), work.properties.find("Tags"));
  if (!tags.removed.items.empty()) {
    Node input = text_map({{"Resource", arn}});
    input.set("TagKeys", std::move(tags.removed));
    calls.push_back({"lambda", "UntagResource", std::move(input)});
  }
  if (!tags.set.members.empty()) {
    Node input = text_map({{"Resource", arn}});
    input.set("Tags", std::move(tags.set));
    calls.push_back({"lambda", "TagResource", std::move(input)});
  }
  return in_order(work, std::move(calls), done(work.physical_id, text_map({{"Arn", arn}})));
}

Step remove_function(const Work& work) {
  return in_order(work, {{"lambda", "DeleteFunction", text_map({{"FunctionName", work.physical_id}}), {"ResourceNotFoundException"}}},
                  done(work.physical_id));
}

Step create_permission(const Work& work) {
  Node input = with_members(text_map({{"StatementId", work.physical_id}}), work.properties,
                            {"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"});
  return in_order(work, {{"lambda", "AddPermission", std::move(input)}}, done(work.physical_id, text_map({{"Id", work.physical_id}})));
}

Step remove_permission(const Work& work) {
  Node input = with_members(text_map({{"StatementId", work.physical_id}}), work.properties, {"FunctionName"});
  return in_order(work, {{"lambda", "RemovePermission", std::move(input), {"ResourceNotFoundException"}}}, done(work.physical_id));
}

// Put replaces the whole configuration; one without any member has none to put.
Step put_event_invoke(const Work& work) {
  Node input = with_members(make_map(), work.properties,
                            {"FunctionName", "Qualifier", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig"});
  if (input.members.size() == 2) input.set("DestinationConfig", make_map());
  return in_order(work, {{"lambda", "PutFunctionEventInvokeConfig", std::move(input)}}, done(work.physical_id));
}

Step remove_event_invoke(const Work& work) {
  Node input = with_members(make_map(), work.properties, {"FunctionName", "Qualifier"});
  return in_order(work, {{"lambda", "DeleteFunctionEventInvokeConfig", std::move(input), {"ResourceNotFoundException"}}},
                  done(work.physical_id));
}

using Letters = ResourceHandler::Letters;
constexpr ResourceHandler handlers[] = {
    {"AWS::Lambda::Function", 64, Letters::Any, create_function, update_function, remove_function},
    {"AWS::Lambda::EventInvokeConfig", 100, Letters::Any, put_event_invoke, put_event_invoke, remove_event_invoke},
    {"AWS::Lambda::Permission", 100, Letters::Any, create_permission, nullptr, remove_permission},
};

}  // namespace

std::span<const ResourceHandler> lambda_handlers() { return handlers; }

}  // namespace surgetank::stack
