#pragma once
// Writes XML: replies of the query protocol (and of S3). Appends to a string that the caller owns and that must outlive the
// writer. Names are trusted; text and attribute values are escaped (control characters as &#xN;, invalid UTF-8 as U+FFFD).
// That elements are closed in order is the caller's business. One thread; nothing fails.
//
//   XmlWriter xml(body);
//   xml.open("ErrorResponse", {{"xmlns", xmlns}}).element("Code", code).close("ErrorResponse");
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace surgetank {

void append_xml_text(std::string& out, std::string_view text);

class XmlWriter {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  explicit XmlWriter(std::string& out) : out_(out) {}

  XmlWriter& declaration();  // <?xml version="1.0" encoding="UTF-8"?> and a line feed
  XmlWriter& open(std::string_view name, Attributes attributes = {});
  XmlWriter& close(std::string_view name);
  XmlWriter& text(std::string_view value);
  XmlWriter& element(std::string_view name, std::string_view value);  // <name>value</name>

 private:
  std::string& out_;
};

}  // namespace surgetank
