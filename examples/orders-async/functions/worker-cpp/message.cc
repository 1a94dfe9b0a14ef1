#include "message.h"

#include <zlib.h>

#include <memory>
#include <stdexcept>

namespace {

namespace json = boost::json;

constexpr std::size_t most_unpacked_bytes = 4 * 1024 * 1024;

std::string from_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) throw std::runtime_error("its body is not base64");
    bits = bits << 6 | static_cast<unsigned>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xffU);
  }
  return bytes;
}

std::string gunzip(std::string bytes) {
  constexpr int gzip_window = 15 + 16;
  z_stream stream{};
  if (inflateInit2(&stream, gzip_window) != Z_OK) throw std::runtime_error("zlib cannot be used");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &inflateEnd);
  stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  char piece[64 * 1024];
  for (int state = Z_OK; state != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) throw std::runtime_error("its body is not gzip");
    text.append(piece, sizeof piece - stream.avail_out);
    if (text.size() > most_unpacked_bytes) throw std::runtime_error("it is too large");
  }
  return text;
}

bool is_packed(const json::object& record) {
  const json::value* attributes = record.if_contains("messageAttributes");
  if (attributes == nullptr || !attributes->is_object()) return false;
  const json::value* encoding = attributes->as_object().if_contains("content-encoding");
  return encoding != nullptr && encoding->at("stringValue").as_string() == "gzip";
}

}  // namespace

json::object read_order(const json::object& record) {
  const json::string& body = record.at("body").as_string();
  const json::value sent = json::parse(is_packed(record) ? gunzip(from_base64(body)) : std::string(body));
  json::object order;
  for (const char* name : {"id", "customer", "items", "amount_cents"}) order[name] = sent.as_object().at(name);
  return order;
}
