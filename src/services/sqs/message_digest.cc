// The EVP interface allocates a context for every digest; the older one works in place.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "services/sqs/message_digest.h"

#include <openssl/md5.h>

#include "base/text.h"

namespace surgetank::sqs {
namespace {

void append_with_length(std::string& out, std::string_view bytes) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(bytes.size() >> shift);
  out += bytes;
}

}  // namespace

BodyDigest md5(std::string_view bytes) {
  BodyDigest digest;
  MD5(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string md5_text(const BodyDigest& digest) { return to_hex({digest.data(), digest.size()}); }

Opt<String> md5_of_attributes(const Map<MessageAttributeValue>& attributes) {
  if (attributes.empty()) return std::nullopt;
  std::string text;  // by name: the map's order is the order that AWS digests in
  for (const auto& [name, value] : attributes) {
    append_with_length(text, name);
    append_with_length(text, value.DataType.value_or(""));
    if (value.BinaryValue) {
      text += '\x02';
      append_with_length(text, value.BinaryValue->bytes);
    } else {
      text += '\x01';
      append_with_length(text, value.StringValue.value_or(""));
    }
  }
  return md5_text(md5(text));
}

}  // namespace surgetank::sqs
