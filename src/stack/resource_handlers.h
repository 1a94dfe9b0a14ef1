#pragma once
// How each resource type is created, updated and deleted: one small handler per type, in a table. A handler is a pure function that
// is asked again and again for the next step: it sees what has been answered so far (Work::answers) and says which API call comes
// next, or that it is done. The caller (deployment.cc) makes the calls, waits and keeps the records, so handlers run unchanged in
// tests and simulation. The operations are those of a client: service and operation by name, JSON in and out.
//
// A call whose error is not tolerated ends the work; the handler is not asked again. Values in Work::properties may be secret:
// they go into requests and nowhere else.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "stack/resource_schema.h"
#include "stack/template_node.h"

namespace surgetank::stack {

struct Answer {
  bool ok = true;
  std::string error;  // the tolerated error's AWS name
  Node value;         // the response; a Map
};

struct Work {
  std::string account;
  std::string region;
  std::string logical_id;
  std::string physical_id;                // create: the name to use if the type lets us choose; update, delete: the existing one
  Node properties;                        // create, update: wanted; delete: as last deployed
  Node previous = {};                     // update: as last deployed
  std::vector<std::string> changed = {};  // update: top-level properties that differ
  std::vector<Answer> answers = {};       // so far; a repeated call keeps only its last answer

  bool has(std::string_view name) const { return properties.find(name) != nullptr; }
  std::string text(std::string_view name) const { return properties.text_of(name); }
  bool did_change(std::string_view name) const;
  // The answer of the call made at that place; a call that was not made yet asserts.
  const Node& answer(std::size_t index) const;
};

struct ApiCall {
  std::string_view service;
  std::string_view operation;
  Node input;
  std::vector<std::string_view> tolerated = {};  // AWS error names that count as an answer
};

struct Step {
  enum class Kind : std::uint8_t { Call, Repeat, Done, Failed };
  Kind kind = Kind::Done;
  ApiCall call = {};
  Duration delay = {};      // Repeat: make the last call again after this
  std::string physical_id;  // Call, Repeat, Done: what exists by now; empty: nothing yet
  std::string ref = {};     // Done: what Ref gives; empty: the physical id
  Node attributes = {};     // Done: a Map of text
  std::string reason = {};  // Failed
};

struct ResourceHandler {
  std::string_view type;
  // Create: the longest name we may make up, 0: the service assigns the id. `property` is where the template may name it.
  std::size_t longest_name = 0;
  enum class Letters : std::uint8_t { Any, Lower } letters = Letters::Any;
  Step (*create)(const Work&) = nullptr;
  Step (*update)(const Work&) = nullptr;  // null: every change replaces
  Step (*remove)(const Work&) = nullptr;
};

// null: no such type. Every type of resource_schema.h has one.
const ResourceHandler* find_resource_handler(std::string_view type);

// CloudFormation's form: <stack>-<logical id>-<suffix>, shortened to fit.
std::string physical_name(const ResourceHandler& handler, const std::string& stack, const std::string& logical_id,
                          const std::string& suffix);

// Waiting for a database: how often and how long.
inline constexpr Duration poll_interval = milliseconds(250);
inline constexpr std::int64_t poll_limit = 4 * 60 * 20;  // 20 minutes

}  // namespace surgetank::stack
