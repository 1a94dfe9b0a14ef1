#include <algorithm>

#include "base/text.h"
#include "kernel/policy.h"
#include "kernel/policy_context.h"

namespace surgetank {
namespace {

using Statement = PolicyStatement;

constexpr std::size_t longest_value = 16'384;  // of a pattern whose variables are filled in
constexpr char any_text = '\x01';              // a policy's text has no control characters
constexpr char any_character = '\x02';

// A service itself, not a role that it has taken on.
bool is_service(const Caller& caller) { return caller.kind == Caller::Kind::Service && !caller.principal_arn.starts_with("arn:"); }

bool is_sense(Statement::Sense sense, bool found) { return found == (sense == Statement::Sense::These); }

// "arn:aws:iam::111122223333:root" -> "root"; parts of an ARN by number.
std::string_view arn_part(std::string_view arn, std::size_t number) {
  const auto parts = split(arn, ':');
  return number < parts.size() ? parts[number] : std::string_view{};
}

constexpr std::size_t account_part = 4;
constexpr std::size_t name_part = 5;

// The ARN of the role, which sessions that do not know their role's path name without it.
std::string role_of(const Caller& caller) {
  if (!caller.role_arn.empty()) return caller.role_arn;
  const auto name = arn_part(caller.principal_arn, name_part);
  constexpr std::string_view assumed = "assumed-role/";
  if (!name.starts_with(assumed)) return {};
  const auto role = name.substr(assumed.size());
  return "arn:aws:iam::" + std::string(arn_part(caller.principal_arn, account_part)) + ":role/" +
         std::string(role.substr(0, role.find('/')));
}

std::string_view type_of(const Caller& caller) {
  const auto name = arn_part(caller.principal_arn, name_part);
  if (name == "root") return "Account";
  if (name.starts_with("assumed-role/")) return "AssumedRole";
  if (name.starts_with("user/")) return "User";
  return {};
}

std::vector<std::string> one(std::string_view value) {
  if (value.empty()) return {};
  return {std::string(value)};
}

std::vector<std::string> identity_values(const Caller& caller, std::string_view key) {
  const bool service = is_service(caller);
  if (key == "aws:principalisawsservice") return one(service ? "true" : "false");
  if (key == "aws:principalservicename") return one(service ? std::string_view(caller.principal_arn) : std::string_view{});
  if (service) return {};
  if (key == "aws:principalarn") {
    const auto role = role_of(caller);
    return one(role.empty() ? std::string_view(caller.principal_arn) : std::string_view(role));
  }
  if (key == "aws:principalaccount") return one(principal_account(caller));
  if (key == "aws:principaltype") return one(type_of(caller));
  if (key == "aws:userid") return one(caller.user_id);
  const auto name = arn_part(caller.principal_arn, name_part);
  if (key == "aws:username" && name.starts_with("user/")) return one(name.substr(name.rfind('/') + 1));
  return {};
}

// The end of "${...}" that begins at `at`; npos if it is none.
std::size_t variable_end(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with("${") ? text.find('}', at) : std::string_view::npos;
}

// "aws:username" or "aws:username, 'nobody'".
std::optional<std::string> variable_value(std::string_view variable, const AccessRequest& request) {
  if (variable == "*" || variable == "?" || variable == "$") return std::string(variable);
  const auto comma = variable.find(',');
  const auto values = context_values(request, to_lower(trim(variable.substr(0, comma))));
  if (values.size() == 1) return values.front();
  if (comma == std::string_view::npos) return std::nullopt;
  const auto fallback = trim(variable.substr(comma + 1));
  const bool quoted = fallback.size() >= 2 && fallback.front() == '\'' && fallback.back() == '\'';
  return quoted ? std::optional(std::string(fallback.substr(1, fallback.size() - 2))) : std::nullopt;
}

bool any_matches(const std::vector<std::string>& patterns, std::string_view text, AccessPolicy::Version version,
                 const AccessRequest& request) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const auto filled = filled_in(pattern, version, request, Wildcards::Pattern);
    return filled && matches(*filled, text);
  });
}

bool applies(const Statement& statement, AccessPolicy::Version version, const AccessRequest& request) {
  const bool principal = std::any_of(statement.principals.begin(), statement.principals.end(),
                                     [&](const Statement::Principal& candidate) { return is_principal(candidate, request.caller); });
  if (!is_sense(statement.principal_sense, principal)) return false;
  const auto action = to_lower(request.action);
  const bool acts = std::any_of(statement.actions.begin(), statement.actions.end(), [&](const std::string& pattern) {
    const auto filled = filled_in(pattern, AccessPolicy::Version::Of2008, request, Wildcards::Pattern);
    return filled && matches(*filled, action);
  });
  if (!is_sense(statement.action_sense, acts)) return false;
  if (!statement.resources.empty() &&
      !is_sense(statement.resource_sense, any_matches(statement.resources, request.resource_arn, version, request)))
    return false;
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const PolicyCondition& condition) { return holds(condition, version, request); });
}

}  // namespace

std::string_view principal_account(const Caller& caller) {
  if (is_service(caller)) return {};
  return caller.home_account.empty() ? caller.account : caller.home_account;
}

bool is_principal(const Statement::Principal& principal, const Caller& caller) {
  using Kind = Statement::Principal::Kind;
  switch (principal.kind) {
    case Kind::Everybody:
      return true;
    case Kind::Service:
      return is_service(caller) && caller.principal_arn == principal.name;
    case Kind::Other:
      return false;
    case Kind::Aws:
      break;
  }
  if (is_service(caller)) return false;
  const auto& name = principal.name;
  const auto account = principal_account(caller);
  if (name == account || name == caller.principal_arn || name == role_of(caller)) return true;
  if (!name.starts_with("arn:")) return !caller.user_id.empty() && caller.user_id.substr(0, caller.user_id.find(':')) == name;
  return arn_part(name, account_part) == account && arn_part(name, name_part) == "root";
}

std::vector<std::string> context_values(const AccessRequest& request, std::string_view key) {
  std::vector<std::string> values;
  for (const auto& further : request.further)
    if (further.key == key) values.push_back(further.value);
  if (!values.empty()) return values;
  const auto& caller = request.caller;
  if (key == "aws:securetransport") return one(request.transport == AccessRequest::Transport::Secure ? "true" : "false");
  if (key == "aws:sourceip") return one(caller.source_address);
  if (key == "aws:useragent") return one(caller.user_agent);
  if (key == "aws:requestedregion") return one(caller.region);
  if (key == "aws:currenttime") return one(iso8601_seconds(request.now));
  if (key == "aws:epochtime") return one(std::to_string(request.now.epoch_seconds()));
  if (key == "aws:resourceaccount") return one(request.owner_account);
  if (key == "aws:viaawsservice") return one("false");
  return identity_values(caller, key);
}

std::optional<std::string> filled_in(std::string_view text, AccessPolicy::Version version, const AccessRequest& request,
                                     Wildcards wildcards) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = version == AccessPolicy::Version::Of2012 ? variable_end(text, at) : std::string_view::npos;
    if (end != std::string_view::npos) {
      const auto value = variable_value(text.substr(at + 2, end - at - 2), request);
      if (!value) return std::nullopt;
      out += *value;
      at = end + 1;
    } else {
      const char c = text[at++];
      const bool is_wild = wildcards == Wildcards::Pattern && (c == '*' || c == '?');
      out += is_wild ? (c == '*' ? any_text : any_character) : c;
    }
    if (out.size() > longest_value) return std::nullopt;
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last one; what it covers grows when the rest does not fit
  std::size_t covered = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == any_text) {
      star = p++;
      covered = t;
    } else if (p < pattern.size() && (pattern[p] == any_character || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++covered;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == any_text) ++p;
  return p == pattern.size();
}

bool matches_arn(std::string_view pattern, std::string_view arn) {
  constexpr int separators = 5;
  for (int i = 0; i < separators; ++i) {
    const auto pattern_end = pattern.find(':');
    const auto arn_end = arn.find(':');
    if (arn_end == std::string_view::npos) return false;
    if (pattern_end == std::string_view::npos) return pattern == std::string_view(&any_text, 1) && i == 0;  // "*" alone is every ARN
    if (!matches(pattern.substr(0, pattern_end), arn.substr(0, arn_end))) return false;
    pattern.remove_prefix(pattern_end + 1);
    arn.remove_prefix(arn_end + 1);
  }
  return matches(pattern, arn);
}

AccessRequest::Transport transport_of(const Caller& caller) {
  const std::string_view from = caller.source_address;
  const bool here = from.empty() || from.starts_with("127.") || from == "::1" || from.starts_with("::ffff:127.");
  return here ? AccessRequest::Transport::Secure : AccessRequest::Transport::Plain;
}

PolicyDecision evaluate(const AccessPolicy& policy, const AccessRequest& request) {
  auto decision = PolicyDecision::Nothing;
  for (const auto& statement : policy.statements) {
    if (decision == PolicyDecision::Allows && statement.effect == Statement::Effect::Allow) continue;
    if (!applies(statement, policy.version, request)) continue;
    if (statement.effect == Statement::Effect::Deny) return PolicyDecision::Denies;
    decision = PolicyDecision::Allows;
  }
  return decision;
}

AccessVerdict authorize(const AccessPolicy* policy, const AccessRequest& request) {
  const auto decision = policy == nullptr ? PolicyDecision::Nothing : evaluate(*policy, request);
  if (decision == PolicyDecision::Denies) return AccessVerdict::Denied;
  if (decision == PolicyDecision::Allows || principal_account(request.caller) == request.owner_account) return AccessVerdict::Granted;
  return AccessVerdict::NotAllowed;
}

std::string refusal_text(const AccessRequest& request, std::string_view action_as_shown, AccessVerdict verdict) {
  const std::string action(action_as_shown);
  std::string text = "User: " + request.caller.principal_arn + " is not authorized to perform: " + action +
                     " on resource: " + std::string(request.resource_arn);
  text += verdict == AccessVerdict::Denied ? " with an explicit deny in a resource-based policy"
                                           : " because no resource-based policy allows the " + action + " action";
  return text;
}

}  // namespace surgetank
