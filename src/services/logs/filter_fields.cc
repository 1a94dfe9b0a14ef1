// Space-delimited patterns: [ip, user, ..., status = 4*, size > 1000].
#include <algorithm>

#include "base/text.h"
#include "services/logs/filter_nodes.h"

namespace surgetank::logs {
namespace {

constexpr std::size_t most_fields = 100;

// A field: its name and conditions joined by && or ||; or the ellipsis, which stands for any number of fields.
struct Field {
  std::string name;
  bool ellipsis = false;
  bool any = false;  // conditions are alternatives
  std::vector<Comparison> conditions;

  bool holds(std::string_view value) const {
    for (const auto& condition : conditions)
      if (condition.holds(value) == any) return any;
    return conditions.empty() || !any;
  }
};

// Words separated by spaces; "..." and [...] are one word without their marks.
std::vector<std::string_view> words_of(std::string_view message) {
  std::vector<std::string_view> words;
  for (message = trim(message); !message.empty() && words.size() <= most_fields * 4; message = trim(message)) {
    const char open = message.front();
    const char close = open == '"' ? '"' : open == '[' ? ']' : '\0';
    const auto end = close != '\0' ? message.find(close, 1) : std::string_view::npos;
    if (end != std::string_view::npos) {
      words.push_back(message.substr(1, end - 1));
      message.remove_prefix(end + 1);
      continue;
    }
    const auto space = std::min(message.find_first_of(" \t\n\r"), message.size());
    words.push_back(message.substr(0, space));
    message.remove_prefix(std::min(space + 1, message.size()));
  }
  return words;
}

struct Fields final : FilterPattern::Node {
  std::vector<Field> fields;

  // Which word each field takes; nullopt if the numbers do not fit.
  std::optional<std::vector<std::size_t>> places(std::size_t words) const {
    std::size_t ellipsis = fields.size();
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].ellipsis) ellipsis = i;
    const bool has_ellipsis = ellipsis < fields.size();
    const std::size_t named = fields.size() - (has_ellipsis ? 1 : 0);
    if (has_ellipsis ? words < named : words != named) return std::nullopt;
    std::vector<std::size_t> out(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) out[i] = i <= ellipsis || !has_ellipsis ? i : words - (fields.size() - i);
    return out;
  }

  bool matches(std::string_view message) const override {
    const auto words = words_of(message);
    const auto at = places(words.size());
    if (!at) return false;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (!fields[i].ellipsis && !fields[i].holds(words[(*at)[i]])) return false;
    return true;
  }

  void extract(std::string_view message, std::map<std::string, std::string>& out) const override {
    const auto words = words_of(message);
    const auto at = places(words.size());
    if (!at) return;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (!fields[i].ellipsis) out["$" + (fields[i].name.empty() ? std::to_string(i + 1) : fields[i].name)] = std::string(words[(*at)[i]]);
  }
};

// "status = 4* || status = 5*": the name may be repeated or left out after the first.
Result<Field> parse_field(std::string_view text) {
  Field field;
  text = trim(text);
  if (text == "...") {
    field.ellipsis = true;
    return field;
  }
  for (;;) {
    const auto sign = text.find_first_of("=!<>");
    const auto name = std::string(trim(text.substr(0, sign)));
    if (field.name.empty()) field.name = name;
    if (sign == std::string_view::npos) return field;
    text.remove_prefix(sign);
    const auto op = read_operator(text);
    if (!op) return invalid_pattern("an operator is expected after " + field.name);
    text = trim(text);
    const bool quoted = !text.empty() && text.front() == '"';
    auto end = quoted ? text.find('"', 1) : std::min({text.find("&&"), text.find("||"), text.size()});
    if (end == std::string_view::npos) return invalid_pattern("a quoted value ends with \"");
    const auto value = quoted ? text.substr(1, end - 1) : trim(text.substr(0, end));
    SURGE_TRY(comparison, make_comparison(*op, value, quoted));
    field.conditions.push_back(std::move(comparison));
    text = trim(text.substr(end + (quoted ? 1 : 0)));
    if (text.empty()) return field;
    const auto joint = text.substr(0, 2);
    if (joint != "&&" && joint != "||") return invalid_pattern("&& or || is expected between conditions");
    field.any = joint == "||";
    text = trim(text.substr(2));
  }
}

}  // namespace

Result<FilterNode> parse_fields(std::string_view text) {
  if (text.back() != ']') return invalid_pattern("] is expected at the end");
  auto node = std::make_shared<Fields>();
  for (const auto part : split(text.substr(1, text.size() - 2), ',')) {
    SURGE_TRY(field, parse_field(part));
    for (const auto& known : node->fields)
      if (known.ellipsis && field.ellipsis) return invalid_pattern("at most one ...");
    node->fields.push_back(std::move(field));
    if (node->fields.size() > most_fields) return invalid_pattern("too many fields");
  }
  return FilterNode(node);
}

}  // namespace surgetank::logs
