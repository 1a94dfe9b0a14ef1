#pragma once
// Writes JSON by hand, quickly: events, replies of fixed form. Appends to a string that the caller owns and that must outlive
// the writer. Places the commas; that braces match and that objects get a key before each value is the caller's business.
// One thread. Nothing fails: invalid UTF-8 becomes U+FFFD, a NaN or infinite number the strings "NaN", "Infinity", "-Infinity".
//
//   JsonWriter json(body);
//   json.begin_object().key("version").string("2.0").key("isBase64Encoded").boolean(false).end_object();
#include <cstdint>
#include <string>
#include <string_view>

namespace surgetank {

// `text` with quotes and escapes.
void append_json_string(std::string& out, std::string_view text);
// Shortest text that reads back the same; whole numbers get ".0".
void append_json_double(std::string& out, double value);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  // `json` must be one well-formed JSON value; it is not checked.
  JsonWriter& raw(std::string_view json);

 private:
  void separate() {
    if (comma_due_) out_ += ',';
    comma_due_ = true;
  }
  JsonWriter& open(char bracket) {
    separate();
    out_ += bracket;
    comma_due_ = false;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
    return *this;
  }

  std::string& out_;
  bool comma_due_ = false;
};

}  // namespace surgetank
