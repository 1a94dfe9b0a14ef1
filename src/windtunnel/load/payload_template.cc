#include "windtunnel/load/payload_template.h"

#include <array>
#include <charconv>

#include "base/text.h"
#include "stack/problems.h"
#include "wire/json_writer.h"

namespace surgetank::windtunnel {
namespace {

constexpr std::array<std::string_view, 8> names = {"n", "uuid", "random", "hex", "pick", "now", "iso", "csv"};

Error fault(std::string_view place, const std::string& text) {
  return {.code = &invalid_template, .message = "`{{" + std::string(place.substr(0, 80)) + "}}`: " + text};
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const auto word : split(text, ' '))
    if (!word.empty()) words.push_back(word);
  return words;
}

void append_number(std::uint64_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

Escape escape_of_body(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return Escape::None;
  const bool is_place = body.substr(first).starts_with("{{");
  return (body[first] == '{' && !is_place) || body[first] == '[' || body[first] == '"' ? Escape::Json : Escape::None;
}

Result<PayloadTemplate::Place> PayloadTemplate::parse_place(std::string_view text, const CsvTable* csv) {
  const auto words = words_of(text);
  if (words.empty()) return fault(text, "nothing stands between the braces");
  Place place;
  const auto name = words[0];
  const auto arguments = words.size() - 1;
  if (name.starts_with("csv.")) {
    if (csv == nullptr) return fault(text, "there is no CSV file; name one with `csv:` or --csv");
    const auto column = csv->column(name.substr(4));
    if (!column) return fault(text, "the CSV file has no such column; it has: " + join(csv->columns, ", "));
    place.kind = Kind::Csv;
    place.column = *column;
    return place;
  }
  if (name == "n" || name == "uuid" || name == "now" || name == "iso") {
    if (arguments != 0) return fault(text, "takes nothing more");
    place.kind = name == "n" ? Kind::Number : name == "uuid" ? Kind::Uuid : name == "now" ? Kind::Now : Kind::Iso;
    return place;
  }
  if (name == "random") {
    const auto low = arguments == 2 ? parse_integer(words[1]) : std::nullopt;
    const auto high = arguments == 2 ? parse_integer(words[2]) : std::nullopt;
    constexpr std::int64_t widest = std::int64_t{1} << 62;
    if (!low || !high || *low > *high || *low < -widest / 2 || *high > widest / 2)
      return fault(text, "takes the lowest and the highest whole number, as in {{random 1 100}}");
    place.kind = Kind::Random;
    place.low = *low;
    place.high = *high;
    return place;
  }
  if (name == "hex") {
    const auto digits = arguments == 1 ? parse_integer(words[1]) : std::nullopt;
    if (!digits || *digits < 1 || *digits > PayloadTemplateLimits::hex_digits)
      return fault(text, "takes the number of digits, 1 to 100,000, as in {{hex 16}}");
    place.kind = Kind::Hex;
    place.low = *digits;
    return place;
  }
  if (name == "pick") {
    if (arguments == 0) return fault(text, "takes the words to choose from, as in {{pick red green blue}}");
    place.kind = Kind::Pick;
    place.words.assign(words.begin() + 1, words.end());
    return place;
  }
  return fault(text, "there is no such value; " + stack::one_of(name, names));
}

Result<PayloadTemplate> PayloadTemplate::compile(std::string_view text, Escape escape, const CsvTable* csv) {
  if (text.size() > PayloadTemplateLimits::bytes) return Error{&invalid_template, "a text is larger than 8 MiB"};
  PayloadTemplate out;
  out.escape_ = escape;
  while (!text.empty()) {
    const auto open = text.find("{{");
    if (open == std::string_view::npos) break;
    out.tail_ += text.substr(0, open);
    text.remove_prefix(open + 2);
    if (text.starts_with("{{")) {
      out.tail_ += "{{";
      text.remove_prefix(2);
      continue;
    }
    const auto close = text.find("}}");
    if (close == std::string_view::npos) return fault(text, "the braces are not closed");
    SURGE_TRY(place, parse_place(text.substr(0, close), csv));
    if (out.places_.size() == PayloadTemplateLimits::places) return Error{&invalid_template, "more than 10,000 places to fill in"};
    place.before = std::exchange(out.tail_, {});
    out.places_.push_back(std::move(place));
    text.remove_prefix(close + 2);
  }
  out.tail_ += text;
  return out;
}

void PayloadTemplate::append(std::string_view value, std::string& out) const {
  if (escape_ == Escape::Url) {
    out += percent_encode(value);
    return;
  }
  if (escape_ == Escape::None) {
    out += value;
    return;
  }
  std::string quoted;
  append_json_string(quoted, value);
  out.append(quoted, 1, quoted.size() - 2);
}

void PayloadTemplate::render(RenderContext& context, std::string& out) const {
  for (const auto& place : places_) {
    out += place.before;
    switch (place.kind) {
      case Kind::Number:
        append_number(context.n, out);
        break;
      case Kind::Uuid:
        out += context.random.uuid();
        break;
      case Kind::Random: {
        const auto value =
            place.low + static_cast<std::int64_t>(context.random.below(static_cast<std::uint64_t>(place.high - place.low) + 1));
        if (value < 0) out += '-';
        append_number(static_cast<std::uint64_t>(value < 0 ? -value : value), out);
        break;
      }
      case Kind::Hex:
        out += context.random.hex(static_cast<std::size_t>(place.low));
        break;
      case Kind::Pick:
        append(place.words[context.random.below(place.words.size())], out);
        break;
      case Kind::Now:
        append_number(static_cast<std::uint64_t>(context.now.ms()), out);
        break;
      case Kind::Iso:
        out += iso8601_milliseconds(context.now);
        break;
      case Kind::Csv:
        append(context.csv->at(context.n % context.csv->rows(), place.column), out);
        break;
    }
  }
  out += tail_;
}

}  // namespace surgetank::windtunnel
