#pragma once
// Texts with places to fill in, compiled once and rendered for every request without looking at the text again:
//   {{n}}              number of the request, from 0        {{uuid}}            a random UUID
//   {{random 1 100}}   a whole number, both ends included   {{hex 16}}          random hex digits
//   {{pick a b c}}     one of the words                     {{now}} {{iso}}     the time: milliseconds since 1970, ISO 8601
//   {{csv.name}}       column `name` of the row of this request (rows in turn)
// What is filled in is escaped for where it stands (Escape). "{{{{" is a literal "{{". Text of users: limits below; what is wrong is an
// error that says what there is. A compiled template is immutable; render() appends and does not fail.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "windtunnel/load/csv.h"

namespace surgetank::windtunnel {

inline constexpr ErrorCode invalid_template{"InvalidTemplate"};

struct PayloadTemplateLimits {
  static constexpr std::size_t bytes = std::size_t{8} << 20;
  static constexpr std::size_t places = 10'000;
  static constexpr std::int64_t hex_digits = 100'000;
};

// What the text around the places is: JSON (values stand inside strings), a URL, or anything else.
enum class Escape : std::uint8_t { None, Json, Url };
// Json for what begins like a JSON object, array or string.
Escape escape_of_body(std::string_view body);

// What a rendering may use; the table outlives it and may be null only if no template names a column.
struct RenderContext {
  std::uint64_t n = 0;
  Instant now;
  Random& random;
  const CsvTable* csv = nullptr;
};

class PayloadTemplate {
 public:
  PayloadTemplate() = default;  // renders nothing
  // `csv` may be null.
  static Result<PayloadTemplate> compile(std::string_view text, Escape escape, const CsvTable* csv);
  void render(RenderContext& context, std::string& out) const;
  bool is_constant() const { return places_.empty(); }
  // The text of a constant one.
  const std::string& constant() const { return tail_; }

 private:
  enum class Kind : std::uint8_t { Number, Uuid, Random, Hex, Pick, Now, Iso, Csv };
  struct Place {
    std::string before;  // the text since the place before
    Kind kind = Kind::Number;
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::size_t column = 0;
    std::vector<std::string> words = {};
  };
  static Result<Place> parse_place(std::string_view text, const CsvTable* csv);
  void append(std::string_view value, std::string& out) const;

  std::vector<Place> places_;
  std::string tail_;
  Escape escape_ = Escape::None;
};

}  // namespace surgetank::windtunnel
