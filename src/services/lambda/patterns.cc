#include "services/lambda/patterns.h"

#include <re2/re2.h>

#include "services/lambda/function_name.h"

namespace surgetank::lambda {
namespace {

bool whole(const RE2& expression, std::string_view text) { return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), expression); }

bool is_function_arn(std::string_view text) {
  const auto reference = parse_function_reference(text);
  return reference && text.substr(0, 4) == "arn:" && !reference->account.empty() && !reference->region.empty();
}
bool is_version(std::string_view text) { return text == latest_version || is_version_number(text); }
bool is_role_arn(std::string_view text) {
  static const RE2 expression(R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)");
  return whole(expression, text);
}
bool is_without_space(std::string_view text) {
  static const RE2 expression(R"([^\s]+)");
  return whole(expression, text);
}
bool is_key_arn(std::string_view text) {
  static const RE2 expression(R"((arn:(aws[a-zA-Z-]*)?:[a-z0-9\-.]+:.*)|())");
  return whole(expression, text);
}
bool is_environment_name(std::string_view text) {
  static const RE2 expression("[a-zA-Z][a-zA-Z0-9_]+");
  return whole(expression, text);
}
bool is_log_group(std::string_view text) {
  static const RE2 expression(R"([.\-_/#A-Za-z0-9]+)");
  return whole(expression, text);
}
bool is_statement_id(std::string_view text) {
  static const RE2 expression(R"([a-zA-Z0-9\-_]+)");
  return whole(expression, text);
}
bool is_namespaced_statement_id(std::string_view text) {
  static const RE2 expression(R"([a-zA-Z0-9\-_.]+)");
  return whole(expression, text);
}
bool is_action(std::string_view text) {
  static const RE2 expression(R"(lambda:[*]|lambda:[a-zA-Z]+|[*])");
  return whole(expression, text);
}
bool is_source_arn(std::string_view text) {
  static const RE2 expression(R"(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))");
  return whole(expression, text);
}
bool is_account(std::string_view text) {
  static const RE2 expression(R"(\d{12})");
  return whole(expression, text);
}
bool is_event_source_token(std::string_view text) {
  static const RE2 expression(R"([a-zA-Z0-9._\-]+)");
  return whole(expression, text);
}
bool is_organization_id(std::string_view text) {
  static const RE2 expression("o-[a-z0-9]{10,32}");
  return whole(expression, text);
}

}  // namespace

const std::string_view function_name_pattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?)";
const std::string_view namespaced_function_name_pattern =
    R"((arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+))"
    R"((:(\$LATEST|[a-zA-Z0-9-_]+))?)";
const Pattern function_arn_pattern{
    R"(arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}(-gov)?-[a-z]+-\d{1}:\d{12}:function:[a-zA-Z0-9-_]+(:(\$LATEST|[a-zA-Z0-9-_]+))?)",
    &is_function_arn};
const Pattern qualifier_pattern{"(|[a-zA-Z0-9$_-]+)", &is_qualifier};
const Pattern version_pattern{R"((\$LATEST|[0-9]+))", &is_version};
const Pattern alias_pattern{"(?!^[0-9]+$)([a-zA-Z0-9-_]+)", &is_alias_name};
const Pattern role_arn_pattern{R"(arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)", &is_role_arn};
const Pattern handler_pattern{R"([^\s]+)", &is_without_space};
const Pattern kms_key_arn_pattern{"(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()", &is_key_arn};
const Pattern environment_name_pattern{"[a-zA-Z]([a-zA-Z0-9_])+", &is_environment_name};
const Pattern log_group_pattern{R"([\.\-_/#A-Za-z0-9]+)", &is_log_group};
const Pattern statement_id_pattern{"([a-zA-Z0-9-_]+)", &is_statement_id};
const Pattern namespaced_statement_id_pattern{"([a-zA-Z0-9-_.]+)", &is_namespaced_statement_id};
const Pattern action_pattern{"(lambda:[*]|lambda:[a-zA-Z]+|[*])", &is_action};
const Pattern principal_pattern{R"([^\s]+)", &is_without_space};
const Pattern source_arn_pattern{R"(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*))",
                                 &is_source_arn};
const Pattern source_account_pattern{R"(\d{12})", &is_account};
const Pattern event_source_token_pattern{R"([a-zA-Z0-9._\-]+)", &is_event_source_token};
const Pattern organization_id_pattern{"^o-[a-z0-9]{10,32}$", &is_organization_id};

}  // namespace surgetank::lambda
