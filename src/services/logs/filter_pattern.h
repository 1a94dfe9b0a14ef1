#pragma once
// Filter patterns of CloudWatch Logs (AWS: "Filter pattern syntax for metric filters, subscription filters, filter log events"):
//   ERROR Exception        all terms          "two words"   a phrase          -DEBUG   excluded          ?A ?B   any of
//   %reg[ex]%              RE2 in AWS's subset
//   { $.level = "ERROR" && ($.ms > 5 || $.tags[0] = a*) }     JSON events; =, !=, <, <=, >, >=, IS TRUE|FALSE|NULL, NOT EXISTS
//   [ip, user, status = 4*, ..., size > 1000]                  space-delimited events; "..." and [..] are one field
// Matching is pure and linear in the event; a pattern is immutable once parsed.
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace surgetank::logs {

class FilterPattern {
 public:
  // Errors: InvalidParameterException "Invalid filter pattern", with the place. An empty pattern matches everything.
  static Result<FilterPattern> parse(std::string_view text);
  bool matches(std::string_view message) const;
  // What a space-delimited or JSON pattern takes out of a matching event: "$status" -> "404", "$.level" -> "ERROR".
  std::map<std::string, std::string> extract(std::string_view message) const;

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
};

}  // namespace surgetank::logs
