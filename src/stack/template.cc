#include "stack/template.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "stack/dynamic_references.h"
#include "stack/language_extensions.h"
#include "stack/quotas.h"
#include "stack/resource_schema.h"
#include "stack/sam.h"

namespace surgetank::stack {
namespace {

constexpr std::string_view sections[] = {"AWSTemplateFormatVersion",
                                         "Conditions",
                                         "Description",
                                         "Globals",
                                         "Hooks",
                                         "Mappings",
                                         "Metadata",
                                         "Outputs",
                                         "Parameters",
                                         "Resources",
                                         "Rules",
                                         "Transform"};
constexpr std::string_view resource_members[] = {"Condition",  "CreationPolicy", "DeletionPolicy", "DependsOn",          "Metadata",
                                                 "Properties", "Type",           "UpdatePolicy",   "UpdateReplacePolicy"};
constexpr std::string_view output_members[] = {"Condition", "Description", "Export", "Value"};
constexpr std::string_view policies[] = {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"};
constexpr std::string_view transforms[] = {"AWS::LanguageExtensions", sam_transform};

bool is_logical_id(std::string_view id) {
  return !id.empty() && id.size() <= 255 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

bool known(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Loader {
 public:
  Loader(const TemplateInput& input, Problems& problems) : input_(input), problems_(problems) {}

  std::optional<Template> load() {
    if (!within_quota(input_.quotas, quotas::template_size, input_.text.size(), {1, 1},
                      "split it into several stacks, or move inline code into files", problems_))
      return std::nullopt;
    std::optional<Node> read = read_template(input_.text, guess_syntax(input_.path, input_.text), problems_);
    if (!read) return std::nullopt;
    root_ = std::make_shared<Node>(std::move(*read));
    check_sections();
    read_transforms();
    Template result;
    result.context.pseudo = input_.pseudo;
    result.context.parameters = resolve_parameters(*root_, input_.parameters, input_.previous_parameters, problems_, input_.quotas);
    const Node* resources = root_->find("Resources");
    if (resources == nullptr || !resources->is(NodeKind::Map)) return std::nullopt;
    if (extensions_) result.context.extensions = LanguageExtensions::On;
    point_into_root(result.context);
    if (extensions_) expand_loops(*root_, result.context, problems_);
    if (sam_) transform_sam(*root_, result.context, problems_);
    point_into_root(result.context);
    result.description = root_->text_of("Description");
    read_resources(result);
    read_outputs(result);
    sort_resources(result);
    result.root = root_;
    return result;
  }

 private:
  void point_into_root(EvaluationContext& context) {
    context.mappings = root_->find("Mappings");
    context.conditions = root_->find("Conditions");
  }

  void check_sections() {
    for (const Member& section : root_->members) {
      if (!known(sections, section.key)) {
        problems_.add(section.key_position, "unknown section `" + section.key + "`", one_of(section.key, sections));
      } else if (section.key == "Hooks") {
        problems_.add(section.key_position, "section `Hooks` is not supported", "remove it");
      }
    }
    const Node* version = root_->find("AWSTemplateFormatVersion");
    if (version != nullptr && version->text != "2010-09-09") {
      problems_.add(version->position, "AWSTemplateFormatVersion `" + version->text + "` is unknown", "write \"2010-09-09\"");
    }
    const Node* mappings = root_->find("Mappings");
    if (mappings != nullptr && !mappings->is(NodeKind::Map))
      problems_.add(mappings->position, "Mappings must be a map", "check the indentation");
    if (mappings != nullptr) check_mappings(*mappings);
    const Node* resources = root_->find("Resources");
    if (resources == nullptr) return problems_.add({1, 1}, "the template has no Resources", "add a `Resources` section");
    if (!resources->is(NodeKind::Map) || resources->members.empty()) {
      problems_.add(resources->position, "Resources must be a map with at least one resource", "check the indentation");
    }
  }

  // An attribute is one name with its value below a key of the mapping.
  void check_mappings(const Node& mappings) {
    within_quota(input_.quotas, quotas::mappings, mappings.members.size(), mappings.position, "remove some", problems_);
    for (const Member& mapping : mappings.members) {
      for (const Member& key : mapping.value.members)
        within_quota(input_.quotas, quotas::mapping_attributes, key.value.members.size(), key.key_position, "remove some", problems_);
    }
  }

  void read_transforms() {
    const Node* transform = root_->find("Transform");
    if (transform == nullptr) return;
    std::vector<Node> names{*transform};
    if (transform->is(NodeKind::List)) names = transform->items;
    for (const Node& name : names) {
      extensions_ = extensions_ || name.text == "AWS::LanguageExtensions";
      sam_ = sam_ || name.text == sam_transform;
      if (!name.is_scalar() || !known(transforms, name.text)) {
        problems_.add(name.position,
                      "transform `" + (name.is_scalar() ? name.text : std::string(kind_name(name.kind))) + "` is not supported",
                      one_of(name.text, transforms));
      }
    }
  }

  DeletionPolicy policy(const Member& resource, const char* name, Evaluator& evaluator) {
    const Node* written = resource.value.find(name);
    if (written == nullptr) return DeletionPolicy::Delete;
    const Node value = evaluator.evaluate(*written);
    if (value.text == "Retain") return DeletionPolicy::Retain;
    if (value.text == "Snapshot") return DeletionPolicy::Snapshot;
    if (value.text == "RetainExceptOnCreate" && std::string_view(name) == "DeletionPolicy") return DeletionPolicy::RetainExceptOnCreate;
    if (value.text != "Delete")
      problems_.add(written->position, std::string(name) + " `" + value.text + "` is unknown", one_of(value.text, policies));
    return DeletionPolicy::Delete;
  }

  void read_resource(const Member& resource, Evaluator& evaluator, Template& result) {
    const Position at = resource.key_position;
    if (!is_logical_id(resource.key)) problems_.add(at, "`" + resource.key + "` is no logical id", "use letters and digits only");
    if (!resource.value.is(NodeKind::Map))
      return problems_.add(at, "resource `" + resource.key + "` must be a map with a Type", "check the indentation");
    const Node* condition = resource.value.find("Condition");
    if (condition != nullptr) {
      const std::optional<bool> holds = evaluator.condition(condition->text, condition->position);
      if (holds == false) return result.not_created.push_back(resource.key);
    }
    for (const Member& member : resource.value.members) {
      if (!known(resource_members, member.key)) {
        problems_.add(member.key_position, "unknown resource attribute `" + member.key + "` of `" + resource.key + "`",
                      one_of(member.key, resource_members));
      } else if (member.key == "CreationPolicy" || member.key == "UpdatePolicy") {
        problems_.add(member.key_position, "resource attribute `" + member.key + "` of `" + resource.key + "` is not supported",
                      "remove it");
      }
    }
    const Node* type = resource.value.find("Type");
    if (type == nullptr) return problems_.add(at, "resource `" + resource.key + "` has no Type", one_of("", supported_resource_types()));
    if (find_resource_schema(type->text) == nullptr) {
      const bool serverless = type->text.starts_with("AWS::Serverless::") && !sam_;
      problems_.add(
          type->position,
          "resource type `" + type->text + "` " + (serverless ? "needs `Transform: AWS::Serverless-2016-10-31`" : "is not supported"),
          serverless ? "add it to the template" : one_of(type->text, supported_resource_types()));
      return;
    }
    ResourceDeclaration declaration{resource.key, at, type->text, type->position, make_map(at), {}, {}, {}};
    if (const Node* properties = resource.value.find("Properties"); properties != nullptr && !properties->is(NodeKind::Null))
      declaration.properties = *properties;
    if (!declaration.properties.is(NodeKind::Map)) {
      return problems_.add(declaration.properties.position, "Properties of `" + resource.key + "` must be a map", "check the indentation");
    }
    declaration.deletion_policy = policy(resource, "DeletionPolicy", evaluator);
    declaration.update_replace_policy = policy(resource, "UpdateReplacePolicy", evaluator);
    if (const Node* depends = resource.value.find("DependsOn"); depends != nullptr) {
      std::vector<Node> names{*depends};
      if (depends->is(NodeKind::List)) names = depends->items;
      for (const Node& name : names) declaration.depends_on.push_back({name.text, name.position});
    }
    secret_references(declaration.properties, problems_);
    result.resources.push_back(std::move(declaration));
  }

  void read_resources(Template& result) {
    Evaluator evaluator(result.context, problems_);
    evaluator.check_conditions();
    evaluator.check_rules(root_->find("Rules"));
    const Node& resources = *root_->find("Resources");
    const std::size_t count = resources.members.size();
    if (!within_quota(input_.quotas, quotas::resources, count, resources.position, "split it into several stacks", problems_)) return;
    if (count > TemplateLimits::resources) {
      return problems_.add(resources.position, "the template has " + std::to_string(count) + " resources, more than 5000",
                           "split it into several stacks");
    }
    for (const Member& resource : resources.members) {
      const std::size_t known_before = result.resources.size() + result.not_created.size();
      read_resource(resource, evaluator, result);
      if (result.resources.size() + result.not_created.size() == known_before) result.unusable.push_back(resource.key);
    }
  }

  void read_outputs(Template& result) {
    const Node* outputs = root_->find("Outputs");
    if (outputs == nullptr) return;
    if (!outputs->is(NodeKind::Map)) return problems_.add(outputs->position, "Outputs must be a map", "check the indentation");
    if (!within_quota(input_.quotas, quotas::outputs, outputs->members.size(), outputs->position, "remove some", problems_)) return;
    Evaluator evaluator(result.context, problems_);
    for (const Member& output : outputs->members) {
      const Node* value = output.value.find("Value");
      for (const Member& member : output.value.members) {
        if (!known(output_members, member.key))
          problems_.add(member.key_position, "output `" + output.key + "` has the unknown member `" + member.key + "`",
                        one_of(member.key, output_members));
      }
      if (value == nullptr) {
        problems_.add(output.key_position, "output `" + output.key + "` has no Value", "add one");
        continue;
      }
      const Node* condition = output.value.find("Condition");
      if (condition != nullptr && evaluator.condition(condition->text, condition->position) != true) continue;
      OutputDeclaration declaration{output.key, output.key_position, output.value.text_of("Description"), *value, Node{}};
      if (const Node* exported = output.value.find("Export"); exported != nullptr) {
        const Node* name = exported->find("Name");
        if (name == nullptr) {
          problems_.add(exported->position, "Export of output `" + output.key + "` has no Name", "write `Export: {Name: ...}`");
        } else {
          declaration.export_name = *name;
        }
      }
      result.outputs.push_back(std::move(declaration));
    }
  }

  // What each resource refers to is added to depends_on; then depth first, in the order of the template.
  void sort_resources(Template& result) {
    std::map<std::string, std::size_t, std::less<>> index;
    for (std::size_t i = 0; i < result.resources.size(); ++i) index.emplace(result.resources[i].logical_id, i);
    for (ResourceDeclaration& resource : result.resources) {
      std::vector<ResourceDeclaration::Dependency> dependencies;
      std::set<std::string, std::less<>> seen;
      const auto add = [&](const std::string& id, Position at) {
        if (index.contains(id) && seen.insert(id).second) dependencies.push_back({id, at});
      };
      for (const auto& written : resource.depends_on) {
        const auto listed = [&written](const std::vector<std::string>& ids) {
          return std::find(ids.begin(), ids.end(), written.logical_id) != ids.end();
        };
        if (!index.contains(written.logical_id) && !listed(result.not_created) && !listed(result.unusable)) {
          const std::vector<std::string_view> names = keys_of(root_->find("Resources"));
          problems_.add(written.position, "DependsOn names `" + written.logical_id + "`, which is no resource of this template",
                        did_you_mean(written.logical_id, names));
        }
        add(written.logical_id, written.position);
      }
      for (const Reference& reference : references_in(resource.properties)) add(reference.name, reference.position);
      resource.depends_on = std::move(dependencies);
    }
    std::vector<std::size_t> order;
    std::vector<State> states(result.resources.size(), State::New);
    for (std::size_t i = 0; i < result.resources.size(); ++i) visit(i, result, index, states, order);
    std::vector<ResourceDeclaration> sorted;
    for (std::size_t i : order) sorted.push_back(std::move(result.resources[i]));
    result.resources = std::move(sorted);
  }

  enum class State : std::uint8_t { New, Open, Done };
  // At most TemplateLimits::resources deep.
  void visit(std::size_t at, const Template& result, const std::map<std::string, std::size_t, std::less<>>& index,
             std::vector<State>& states, std::vector<std::size_t>& order) {
    if (states[at] != State::New) return;
    states[at] = State::Open;
    for (const auto& dependency : result.resources[at].depends_on) {
      const std::size_t next = index.find(dependency.logical_id)->second;
      if (states[next] == State::Open) {
        problems_.add(dependency.position,
                      "circular dependency: `" + result.resources[at].logical_id + "` and `" + dependency.logical_id + "` need each other",
                      "break the circle, e.g. with a name instead of a reference");
        continue;
      }
      visit(next, result, index, states, order);
    }
    states[at] = State::Done;
    order.push_back(at);
  }

  const TemplateInput& input_;
  Problems& problems_;
  std::shared_ptr<Node> root_;
  bool extensions_ = false;
  bool sam_ = false;
};

}  // namespace

const ResourceDeclaration* Template::find(std::string_view logical_id) const {
  for (const ResourceDeclaration& resource : resources) {
    if (resource.logical_id == logical_id) return &resource;
  }
  return nullptr;
}

std::optional<Template> load_template(const TemplateInput& input, Problems& problems) { return Loader(input, problems).load(); }

}  // namespace surgetank::stack
