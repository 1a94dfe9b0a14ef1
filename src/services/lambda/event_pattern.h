#pragma once
// Event patterns: the grammar by which Lambda's event filters (and EventBridge's rules) choose events. A pattern is compiled once and
// then matched against any number of documents. Immutable, any thread; matching allocates nothing and never fails.
//
//   {"body": {"kind": ["order", {"prefix": "ret"}], "total": [{"numeric": [">", 0, "<=", 100]}], "$or": [{"a": [1]}, {"b": [2]}]}}
//
// The members of an object must all match, of a list one element must. Operators: prefix and suffix (also ignoring case),
// equals-ignore-case, anything-but (values; prefix, suffix, equals-ignore-case or wildcard of one or several), numeric, exists, cidr,
// wildcard; null, "", numbers (compared as they are written), true and false; "$or" over objects.
// A list in the document matches if one of its elements does.
// Source: Lambda Developer Guide, "Control which events Lambda sends to your function"; EventBridge User Guide, "Comparison operators".
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/lambda/event_leaf.h"
#include "wire/json_value.h"

namespace surgetank::lambda {

class EventPattern {
 public:
  // The message of an error says what is wrong with the pattern; its code is InvalidParameterValueException.
  static Result<EventPattern> compile(std::string_view text);

  bool matches(const JsonValue& document) const { return root_.matches(document); }
  // Whether a member of the outermost object is mentioned (also inside its "$or").
  bool mentions(std::string_view member) const { return root_.mentions(member); }

 private:
  struct Field;
  // The alternatives of one "$or" are objects of their own.
  struct ObjectPattern {
    std::vector<Field> fields;
    std::vector<std::vector<ObjectPattern>> choices;  // of each one must match
    bool matches(const JsonValue& value) const;
    bool matches_object(const JsonValue& value) const;
    bool mentions(std::string_view member) const;
  };
  // Either conditions of a leaf or a pattern for what is below.
  struct Field {
    std::string name;
    std::vector<LeafCondition> conditions;
    std::vector<ObjectPattern> below;  // none or one
    bool matches(const JsonValue* value) const;
  };
  class Compiler;

  ObjectPattern root_;
};

}  // namespace surgetank::lambda
