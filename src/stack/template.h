#pragma once
// A whole template, ready to be planned: read, loops written out, SAM transformed, sections checked. Everything that can be told
// without knowing what is deployed already is told here. Pure: text and values in, model or problems out; any thread.
#include <memory>
#include <string>
#include <vector>

#include "stack/intrinsics.h"

namespace surgetank {
class Quotas;
}

namespace surgetank::stack {

enum class DeletionPolicy : std::uint8_t { Delete, Retain, RetainExceptOnCreate, Snapshot };

struct ResourceDeclaration {
  std::string logical_id;
  Position position;
  std::string type;
  Position type_position;
  Node properties;  // a Map, not evaluated
  struct Dependency {
    std::string logical_id;
    Position position;
  };
  std::vector<Dependency> depends_on;  // written ones and those of references; of resources that are created; each once
  DeletionPolicy deletion_policy = DeletionPolicy::Delete;
  DeletionPolicy update_replace_policy = DeletionPolicy::Delete;
};

struct OutputDeclaration {
  std::string name;
  Position position;
  std::string description;
  Node value;
  Node export_name;  // Null: not exported
};

struct Template {
  std::string description;
  std::shared_ptr<const Node> root;            // after the transforms; `context` points into it
  EvaluationContext context;                   // without exports and resource values
  std::vector<ResourceDeclaration> resources;  // whose Condition holds, in an order in which each comes after what it depends on
  std::vector<std::string> not_created;        // logical ids whose Condition is false
  std::vector<std::string> unusable;           // logical ids with problems of their own: what refers to them is not told
  std::vector<OutputDeclaration> outputs;      // whose Condition holds
  const ResourceDeclaration* find(std::string_view logical_id) const;
};

struct TemplateInput {
  std::string text;
  std::string path;  // for messages and to tell YAML from JSON
  PseudoParameters pseudo;
  ParameterTexts parameters;
  ParameterTexts previous_parameters;
  Quotas* quotas = nullptr;  // null: those of AWS
};

// With problems, what could be loaded serves only to find more of them; nullopt: nothing could be.
std::optional<Template> load_template(const TemplateInput& input, Problems& problems);

}  // namespace surgetank::stack
