#include "services/lambda/policy.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

bool is_service(std::string_view principal) {
  for (const std::string_view suffix : {".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"})
    if (principal.size() > suffix.size() && principal.substr(principal.size() - suffix.size()) == suffix) return true;
  return false;
}

bool is_account(std::string_view principal) {
  return principal.size() == 12 && std::all_of(principal.begin(), principal.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_iam_arn(std::string_view principal) {
  const auto parts = split(principal, ':');
  return parts.size() >= 6 && parts[0] == "arn" && parts[2] == "iam" && is_account(parts[4]);
}

// '*' is any text, '?' any one character. Linear but for the last '*': no input makes it slow.
bool matches_wildcards(std::string_view text, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::optional<std::size_t> after_star;
  std::size_t star_text = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      after_star = ++in_pattern;
      star_text = at;
    } else if (in_pattern < pattern.size() && (pattern[in_pattern] == '?' || pattern[in_pattern] == text[at])) {
      ++at;
      ++in_pattern;
    } else if (after_star) {
      in_pattern = *after_star;
      at = ++star_text;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(in_pattern), pattern.end(), [](char c) { return c == '*'; });
}

// Takes the part before the next ':' off the front of `rest`; without one, all of it.
std::string_view take_part(std::string_view& rest) {
  const auto end = rest.find(':');
  const auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool allows_action(std::string_view action) {
  return action == "*" || action == "lambda:*" || equals_ignoring_case(action, "lambda:InvokeFunction");
}

bool allows(const StatementRecord& statement, const InvokingService& service) {
  if (!allows_action(statement.action)) return false;
  if (statement.principal != "*" && statement.principal != service.principal) return false;
  if (statement.source_arn && !arn_like(service.source_arn, *statement.source_arn)) return false;
  if (statement.source_account && *statement.source_account != service.source_account) return false;
  return !statement.event_source_token && !statement.principal_org_id && !statement.function_url_auth_type &&
         !statement.invoked_via_function_url.value_or(false);
}

void write_principal(JsonWriter& json, const std::string& principal) {
  json.key("Principal");
  if (principal == "*") {
    json.string(principal);
  } else if (is_service(principal)) {
    json.begin_object().key("Service").string(principal).end_object();
  } else {
    json.begin_object().key("AWS").string(is_account(principal) ? "arn:aws:iam::" + principal + ":root" : principal).end_object();
  }
}

void write_conditions(JsonWriter& json, const StatementRecord& statement) {
  const bool has_strings =
      statement.source_account || statement.event_source_token || statement.principal_org_id || statement.function_url_auth_type;
  if (!has_strings && !statement.source_arn && !statement.invoked_via_function_url) return;
  json.key("Condition").begin_object();
  if (has_strings) {
    json.key("StringEquals").begin_object();
    if (statement.function_url_auth_type) json.key("lambda:FunctionUrlAuthType").string(*statement.function_url_auth_type);
    if (statement.principal_org_id) json.key("aws:PrincipalOrgID").string(*statement.principal_org_id);
    if (statement.source_account) json.key("AWS:SourceAccount").string(*statement.source_account);
    if (statement.event_source_token) json.key("lambda:EventSourceToken").string(*statement.event_source_token);
    json.end_object();
  }
  if (statement.source_arn) json.key("ArnLike").begin_object().key("AWS:SourceArn").string(*statement.source_arn).end_object();
  if (const auto via_url = statement.invoked_via_function_url)
    json.key("Bool").begin_object().key("lambda:InvokedViaFunctionUrl").string(*via_url ? "true" : "false").end_object();
  json.end_object();
}

void write_statement(JsonWriter& json, const StatementRecord& statement) {
  json.begin_object().key("Sid").string(statement.sid).key("Effect").string("Allow");
  write_principal(json, statement.principal);
  json.key("Action").string(statement.action).key("Resource").string(statement.resource);
  write_conditions(json, statement);
  json.end_object();
}

}  // namespace

bool arn_like(std::string_view arn, std::string_view pattern) {
  constexpr int parts_before_resource = 5;
  for (int i = 0; i < parts_before_resource; ++i)
    if (!matches_wildcards(take_part(arn), take_part(pattern))) return false;
  return matches_wildcards(arn, pattern);
}

bool allows_invoke(const List<StatementRecord>& statements, const InvokingService& service) {
  return std::any_of(statements.begin(), statements.end(), [&](const StatementRecord& statement) { return allows(statement, service); });
}

bool is_principal(std::string_view principal) {
  return principal == "*" || is_service(principal) || is_account(principal) || is_iam_arn(principal);
}

std::string statement_json(const StatementRecord& statement) {
  std::string text;
  JsonWriter json(text);
  write_statement(json, statement);
  return text;
}

std::string policy_json(const List<StatementRecord>& statements) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("Version").string("2012-10-17").key("Id").string("default").key("Statement").begin_array();
  for (const auto& statement : statements) write_statement(json, statement);
  json.end_array().end_object();
  return text;
}

}  // namespace surgetank::lambda
