#pragma once
// How clients name a function: "orders", "orders:live", "000000000000:function:orders",
// "arn:aws:lambda:us-east-1:000000000000:function:orders:7". Pure; any thread. Source: pattern of FunctionName in the Lambda API reference.
#include <optional>
#include <string>
#include <string_view>

namespace surgetank::lambda {

inline constexpr std::string_view latest_version = "$LATEST";

struct FunctionReference {
  std::string_view account;  // empty: not said
  std::string_view region;   // empty: not said
  std::string_view name;
  std::string_view qualifier;  // empty: none
};
// nullopt: not of the pattern. The views point into `text`.
std::optional<FunctionReference> parse_function_reference(std::string_view text);

// The lane key that all names of one function share: its bare name.
std::string aggregate_key(std::string_view client_name);

bool is_version_number(std::string_view qualifier);
// [a-zA-Z0-9-_]+ with something other than digits.
bool is_alias_name(std::string_view qualifier);
bool is_qualifier(std::string_view text);

std::string function_arn(std::string_view account, std::string_view region, std::string_view name, std::string_view qualifier = {});

}  // namespace surgetank::lambda
