#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

#include "base/text.h"
#include "kernel/policy.h"
#include "kernel/policy_context.h"

namespace surgetank {
namespace {

using Condition = PolicyCondition;

struct Address {
  int family = AF_UNSPEC;
  std::array<unsigned char, 16> bytes{};
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.starts_with("::ffff:") && text.find('.') != std::string_view::npos) text.remove_prefix(std::strlen("::ffff:"));
  const std::string terminated(text);
  Address address;
  for (const int family : {AF_INET, AF_INET6}) {
    address.family = family;
    if (inet_pton(family, terminated.c_str(), address.bytes.data()) == 1) return address;
  }
  return std::nullopt;
}

// "203.0.113.0/24", or one address.
bool in_network(std::string_view network, std::string_view text) {
  const auto slash = network.find('/');
  const auto base = parse_address(network.substr(0, slash));
  const auto address = parse_address(text);
  if (!base || !address || base->family != address->family) return false;
  const std::int64_t all_bits = base->family == AF_INET ? 32 : 128;
  const auto bits = slash == std::string_view::npos ? std::optional(all_bits) : parse_integer(network.substr(slash + 1));
  if (!bits || *bits < 0 || *bits > all_bits) return false;
  for (std::int64_t bit = 0; bit < *bits; ++bit) {
    const auto byte = static_cast<std::size_t>(bit / 8);
    const auto mask = 0x80U >> static_cast<unsigned>(bit % 8);
    if (((static_cast<unsigned>(base->bytes[byte]) ^ static_cast<unsigned>(address->bytes[byte])) & mask) != 0) return false;
  }
  return true;
}

// A date as ISO 8601 or as seconds since 1970.
std::optional<double> seconds_of(std::string_view text) {
  if (const auto number = parse_double(text)) return number;
  const auto instant = parse_timestamp(text);
  return instant ? std::optional(static_cast<double>(instant->us) / 1e6) : std::nullopt;
}

template <class Compare>
bool compared(const std::optional<double>& value, const std::optional<double>& wanted, Compare compare) {
  return value && wanted && compare(*value, *wanted);
}

// Whether the request's value meets the policy's, whose variables are filled in.
bool meets(PolicyOperator compare, std::string_view value, std::string_view wanted) {
  using enum PolicyOperator;
  switch (compare) {
    case StringEquals:
    case BinaryEquals:
      return value == wanted;
    case StringEqualsIgnoreCase:
    case Bool:
      return equals_ignoring_case(value, wanted);
    case StringLike:
      return matches(wanted, value);
    case ArnLike:
      return matches_arn(wanted, value);
    case IpAddress:
      return in_network(wanted, value);
    case NumericEquals:
      return compared(parse_double(value), parse_double(wanted), std::equal_to<>());
    case NumericLessThan:
      return compared(parse_double(value), parse_double(wanted), std::less<>());
    case NumericLessThanEquals:
      return compared(parse_double(value), parse_double(wanted), std::less_equal<>());
    case NumericGreaterThan:
      return compared(parse_double(value), parse_double(wanted), std::greater<>());
    case NumericGreaterThanEquals:
      return compared(parse_double(value), parse_double(wanted), std::greater_equal<>());
    case DateEquals:
      return compared(seconds_of(value), seconds_of(wanted), std::equal_to<>());
    case DateLessThan:
      return compared(seconds_of(value), seconds_of(wanted), std::less<>());
    case DateLessThanEquals:
      return compared(seconds_of(value), seconds_of(wanted), std::less_equal<>());
    case DateGreaterThan:
      return compared(seconds_of(value), seconds_of(wanted), std::greater<>());
    case DateGreaterThanEquals:
      return compared(seconds_of(value), seconds_of(wanted), std::greater_equal<>());
    case Null:
      return false;  // asks for the key, not for its value
  }
  return false;
}

// One of the policy's values; with a negated operator none of them.
bool value_holds(const Condition& condition, std::string_view value, const std::vector<std::string>& wanted) {
  const bool met = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& one) { return meets(condition.compare, value, one); });
  return met == (condition.sense == Condition::Sense::Positive);
}

}  // namespace

bool holds(const PolicyCondition& condition, AccessPolicy::Version version, const AccessRequest& request) {
  const auto values = context_values(request, condition.key);
  if (condition.compare == PolicyOperator::Null) {
    return std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const std::string& wanted) { return equals_ignoring_case(wanted, values.empty() ? "true" : "false"); });
  }
  if (values.empty()) {
    if (condition.missing == Condition::Missing::Passes || condition.quantifier == Condition::Quantifier::AllValues) return true;
    return condition.quantifier == Condition::Quantifier::None && condition.sense == Condition::Sense::Negated;
  }
  const bool is_pattern = condition.compare == PolicyOperator::StringLike || condition.compare == PolicyOperator::ArnLike;
  std::vector<std::string> wanted;
  for (const auto& value : condition.values)
    if (auto filled = filled_in(value, version, request, is_pattern ? Wildcards::Pattern : Wildcards::Text))
      wanted.push_back(std::move(*filled));
  const auto one_holds = [&](const std::string& value) { return value_holds(condition, value, wanted); };
  if (condition.quantifier == Condition::Quantifier::AllValues) return std::all_of(values.begin(), values.end(), one_holds);
  if (condition.quantifier == Condition::Quantifier::None && condition.sense == Condition::Sense::Negated)
    return std::all_of(values.begin(), values.end(), one_holds);
  return std::any_of(values.begin(), values.end(), one_holds);
}

}  // namespace surgetank
