#include "wire/xml_writer.h"

#include "wire/utf8.h"

namespace surgetank {
namespace {

// What stands for a byte that cannot stand for itself; empty if it can.
std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    default:
      return {};
  }
}

}  // namespace

void append_xml_text(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    if (const auto name = entity(c); !name.empty()) {
      out += name;
      ++i;
    } else if (byte < 0x20 && c != '\n' && c != '\t') {
      // A bare carriage return would be read as a line feed; the others are not XML 1.0, but this is how AWS sends them.
      out += "&#x";
      if (byte >= 16) out += digits[byte >> 4];
      out += digits[byte & 15];
      out += ';';
      ++i;
    } else if (const auto length = wire::character_length(text, i); length > 0) {
      out.append(text, i, length);
      i += length;
    } else {
      out += wire::replacement_character;
      ++i;
    }
  }
}

XmlWriter& XmlWriter::declaration() {
  out_ += "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  return *this;
}

XmlWriter& XmlWriter::open(std::string_view name, Attributes attributes) {
  out_ += '<';
  out_ += name;
  for (const auto& [attribute, value] : attributes) {
    out_ += ' ';
    out_ += attribute;
    out_ += "=\"";
    append_xml_text(out_, value);
    out_ += '"';
  }
  out_ += '>';
  return *this;
}

XmlWriter& XmlWriter::close(std::string_view name) {
  out_ += "</";
  out_ += name;
  out_ += '>';
  return *this;
}

XmlWriter& XmlWriter::text(std::string_view value) {
  append_xml_text(out_, value);
  return *this;
}

XmlWriter& XmlWriter::element(std::string_view name, std::string_view value) { return open(name).text(value).close(name); }

}  // namespace surgetank
