#include "stack/plan.h"

#include <algorithm>

#include "base/text.h"
#include "stack/resource_schema.h"

namespace surgetank::stack {

std::string_view action_name(Action action) {
  switch (action) {
    case Action::Unchanged:
      return "unchanged";
    case Action::Create:
      return "create";
    case Action::Update:
      return "update";
    case Action::Replace:
      return "replace";
    case Action::Delete:
      return "delete";
  }
  return "";
}

void DeployedValues::know(const ResourceState& resource) { known_[resource.logical_id] = {resource.ref, resource.attributes}; }

ResourceValues::Answer DeployedValues::declared(std::string_view logical_id) const {
  if (source_.find(logical_id) != nullptr) return {Answer::Kind::Value};
  const auto listed = [logical_id](const std::vector<std::string>& ids) {
    return std::find(ids.begin(), ids.end(), logical_id) != ids.end();
  };
  if (listed(source_.unusable)) return {Answer::Kind::Value};
  const bool skipped = listed(source_.not_created);
  return {skipped ? Answer::Kind::NotCreated : Answer::Kind::NoSuchResource};
}

ResourceValues::Answer DeployedValues::ref(std::string_view logical_id) const {
  Answer answer = declared(logical_id);
  if (answer.kind != Answer::Kind::Value) return answer;
  const auto known = known_.find(logical_id);
  answer.value = known == known_.end() ? make_unknown(logical_id) : make_string(known->second.ref);
  return answer;
}

ResourceValues::Answer DeployedValues::attribute(std::string_view logical_id, std::string_view name) const {
  Answer answer = declared(logical_id);
  if (answer.kind != Answer::Kind::Value) return answer;
  const ResourceDeclaration* resource = source_.find(logical_id);
  const ResourceSchema* schema = resource == nullptr ? nullptr : find_resource_schema(resource->type);
  if (schema == nullptr) return {Answer::Kind::Value, make_unknown(logical_id)};
  answer.known.assign(schema->attributes.begin(), schema->attributes.end());
  if (std::find(answer.known.begin(), answer.known.end(), name) == answer.known.end()) {
    answer.kind = Answer::Kind::NoSuchAttribute;
    return answer;
  }
  const auto known = known_.find(logical_id);
  const std::string full = std::string(logical_id) + "." + std::string(name);
  answer.value = known == known_.end() ? make_unknown(full) : make_string(known->second.attributes.text_of(name));
  return answer;
}

std::vector<std::string_view> DeployedValues::names() const {
  std::vector<std::string_view> names;
  for (const ResourceDeclaration& resource : source_.resources) names.push_back(resource.logical_id);
  return names;
}

void CodeResolver::resolve(Node& properties, Problems& problems) {
  Node* code = properties.find("Code");
  if (code == nullptr) return;
  if (code->is(NodeKind::String)) {  // the form that `package` commands upload
    Node map = make_map(code->position);
    map.set("LocalPath", *code);
    *code = std::move(map);
  }
  Node* path = code->find("LocalPath");
  if (path == nullptr || !path->is(NodeKind::String)) return;
  const std::string full = join_path(folder_, path->text);
  auto found = hashed_.find(full);
  if (found == hashed_.end()) {
    const FileSource::Kind kind = files_.kind(full);
    std::string failure = kind == FileSource::Kind::Other ? full + " is neither a file nor a folder" : "there is no " + full;
    std::optional<FolderHash> hash;
    if (kind == FileSource::Kind::Folder) hash = hash_folder(files_, full, failure);
    if (kind == FileSource::Kind::File) hash = hash_file(files_, full, failure);
    if (!hash)
      return problems.add(path->position, "the code of the function cannot be read: " + failure,
                          "build it first, or correct the path (relative to the template)");
    found = hashed_.emplace(full, *hash).first;
  }
  *path = make_string(full, path->position);
  code->set("LocalHash", make_string(found->second.sha256));
  code->set("LocalSize", make_number(static_cast<std::int64_t>(found->second.bytes)));
}

Node CodeResolver::for_request(const Node& properties) const {
  Node copy = properties;
  Node* code = copy.find("Code");
  const std::string path = code == nullptr ? "" : code->text_of("LocalPath");
  if (path.empty() || files_.kind(path) != FileSource::Kind::File) return copy;
  std::string bytes;
  files_.read(path, [&bytes](std::string_view piece) { bytes += piece; });
  code->erase("LocalPath");
  code->set("ZipFile", make_string(to_base64(bytes)));
  return copy;
}

Node evaluate_properties(const ResourceDeclaration& resource, const EvaluationContext& context, CodeResolver& code, Problems& problems) {
  Evaluator evaluator(context, problems);
  Node properties = evaluator.evaluate(resource.properties);
  if (resource.type == "AWS::Lambda::Function" || resource.type == "AWS::Lambda::Version") code.resolve(properties, problems);
  const ResourceSchema* schema = find_resource_schema(resource.type);
  return schema == nullptr || !properties.is(NodeKind::Map) ? properties
                                                            : checked_properties(*schema, properties, resource.position, problems);
}

PlannedChange decide(const ResourceDeclaration& resource, const Node& properties, const ResourceState* deployed) {
  PlannedChange change{Action::Unchanged, resource.logical_id, resource.type, {}, ""};
  const ResourceSchema* schema = find_resource_schema(resource.type);
  static constexpr std::string_view unfinished_states[] = {status::create_in_progress, status::create_failed, status::delete_in_progress,
                                                           status::delete_failed};
  const bool unfinished = deployed != nullptr && std::find(std::begin(unfinished_states), std::end(unfinished_states), deployed->status) !=
                                                     std::end(unfinished_states);
  if (deployed == nullptr || deployed->physical_id.empty() || unfinished) {
    change.action = Action::Create;
    change.reason = deployed == nullptr ? "new" : "is incomplete from earlier";
    return change;
  }
  if (deployed->type != resource.type) {
    change.action = Action::Replace;
    change.reason = "Type changed from " + deployed->type;
    return change;
  }
  change.changed = changed_properties(*schema, deployed->properties, properties);
  const bool failed = deployed->status == status::update_failed || deployed->status == status::update_in_progress;
  if (change.changed.empty() && failed) {
    for (const Member& member : properties.members) change.changed.push_back(member.key);
    change.reason = "the last update did not finish";
  }
  if (change.changed.empty()) return change;
  std::vector<std::string> replacing;
  for (const std::string& name : change.changed) {
    const PropertySchema* row = find_property(*schema, name);
    const Node* before = deployed->properties.find(name);
    const Node* after = properties.find(name);
    const bool differs = before == nullptr || after == nullptr || !same_value(*before, *after);
    if (row != nullptr && row->change == Change::Replace && differs) replacing.push_back(name);
  }
  change.action = replacing.empty() ? Action::Update : Action::Replace;
  if (change.reason.empty()) change.reason = surgetank::join(replacing.empty() ? change.changed : replacing, ", ") + " changed";
  return change;
}

namespace {

// CloudFormation refuses to replace what the template has named: the new one would have the name of the old one.
void check_named(const ResourceDeclaration& resource, const Node& properties, const ResourceState& deployed, const PlannedChange& change,
                 Problems& problems) {
  const ResourceSchema* schema = find_resource_schema(resource.type);
  if (change.action != Action::Replace || schema->name_property.empty() || deployed.type != resource.type) return;
  const Node* before = deployed.properties.find(schema->name_property);
  const Node* after = properties.find(schema->name_property);
  if (before == nullptr || after == nullptr || !same_value(*before, *after)) return;
  problems.add(resource.position,
               "`" + resource.logical_id + "` has to be replaced (" + change.reason + "), but its " + std::string(schema->name_property) +
                   " is fixed",
               "rename `" + after->text + "` and deploy again");
}

}  // namespace

bool Plan::has_changes() const {
  return std::any_of(changes.begin(), changes.end(), [](const PlannedChange& change) { return change.action != Action::Unchanged; });
}

Plan make_plan(const Template& source, const EvaluationContext& context_without_resources, const StackState* deployed, CodeResolver& code,
               Problems& problems) {
  Plan plan;
  DeployedValues values(source);
  EvaluationContext context = context_without_resources;
  context.resources = &values;
  for (const ResourceDeclaration& resource : source.resources) {
    const Node properties = evaluate_properties(resource, context, code, problems);
    const ResourceState* present = deployed == nullptr ? nullptr : deployed->find(resource.logical_id);
    PlannedChange change = decide(resource, properties, present);
    if (present != nullptr) check_named(resource, properties, *present, change, problems);
    if (change.action == Action::Unchanged || change.action == Action::Update) values.know(*present);
    plan.changes.push_back(std::move(change));
  }
  evaluate_outputs(source, context, {}, problems);
  std::vector<PlannedChange> removed;
  for (const ResourceState& resource : deployed == nullptr ? std::vector<ResourceState>() : deployed->resources) {
    if (source.find(resource.logical_id) == nullptr)
      removed.push_back({Action::Delete, resource.logical_id, resource.type, {}, "no longer in the template"});
  }
  plan.changes.insert(plan.changes.end(), removed.rbegin(), removed.rend());
  return plan;
}

namespace {

// https://<api>.execute-api.<region>.amazonaws.com/x as the URL that answers on this machine.
std::string local_url(std::string value, const EvaluationContext& context, const std::vector<ResourceState>& resources) {
  for (const ResourceState& resource : resources) {
    const std::string endpoint = resource.attributes.text_of("ApiEndpoint");
    if (resource.type != "AWS::ApiGatewayV2::Api" || endpoint.empty()) continue;
    for (const char* suffix : {".amazonaws.com.cn", ".amazonaws.com"}) {
      value = replace_all(std::move(value), "https://" + resource.physical_id + ".execute-api." + context.pseudo.region + suffix, endpoint);
    }
  }
  return value;
}

}  // namespace

std::vector<OutputState> evaluate_outputs(const Template& source, const EvaluationContext& context,
                                          const std::vector<ResourceState>& resources, Problems& problems) {
  std::vector<OutputState> outputs;
  Evaluator evaluator(context, problems);
  for (const OutputDeclaration& declaration : source.outputs) {
    const Node value = evaluator.evaluate(declaration.value);
    if (is_no_value(value)) continue;
    if (!value.is_scalar() && !value.is(NodeKind::Unknown)) {
      problems.add(declaration.value.position, "output `" + declaration.name + "` must be text, not " + std::string(kind_name(value.kind)),
                   "use `!Join` on lists");
      continue;
    }
    OutputState output{declaration.name, value.is_scalar() ? value.text : "", "", declaration.description, ""};
    output.local_value = local_url(output.value, context, resources);
    if (!declaration.export_name.is(NodeKind::Null)) {
      const Node name = evaluator.evaluate(declaration.export_name);
      output.export_name = name.is_scalar() ? name.text : "";
      const auto same = [&output](const OutputState& other) {
        return !output.export_name.empty() && other.export_name == output.export_name;
      };
      if (std::any_of(outputs.begin(), outputs.end(), same)) {
        problems.add(declaration.export_name.position, "this template exports `" + output.export_name + "` twice",
                     "choose another export name");
      }
      if (context.exports.contains(output.export_name)) {
        problems.add(declaration.export_name.position, "another stack exports `" + output.export_name + "` already",
                     "choose another export name");
      }
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

namespace {
void collect_imports(const Node& node, Evaluator& evaluator, std::set<std::string>& names) {
  if (const Member* call = function_call(node); call != nullptr && call->key == "Fn::ImportValue") {
    const Node name = evaluator.evaluate(call->value);
    if (name.is_scalar()) names.insert(name.text);
  }
  for (const Node& item : node.items) collect_imports(item, evaluator, names);
  for (const Member& member : node.members) collect_imports(member.value, evaluator, names);
}
}  // namespace

std::vector<std::string> imported_names(const Template& source, const EvaluationContext& context) {
  Problems unwanted("");
  EvaluationContext bare = context;
  bare.resources = nullptr;
  Evaluator evaluator(bare, unwanted);
  std::set<std::string> names;
  for (const ResourceDeclaration& resource : source.resources) collect_imports(resource.properties, evaluator, names);
  for (const OutputDeclaration& output : source.outputs) collect_imports(output.value, evaluator, names);
  return {names.begin(), names.end()};
}

}  // namespace surgetank::stack
