#include "services/sqs/message_checks.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "services/sqs/errors.h"
#include "services/sqs/limits.h"
#include "services/sqs/quotas.h"

namespace surgetank::sqs {
namespace {

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Whether eight bytes are all allowed for certain: none is a control character or begins U+F000 to U+FFFF. Bodies are long, and most
// of them are such bytes.
bool are_plain(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t high_bits = ones << 7;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, eight, sizeof bytes);
  const auto below_space = (bytes - ones * 0x20) & ~bytes & high_bits;
  const auto differs_from_ef = bytes ^ (ones * 0xef);
  const auto is_ef = (differs_from_ef - ones) & ~differs_from_ef & high_bits;
  return (below_space | is_ef) == 0;
}

// The characters of XML 1.0: no control characters but tab, line feed and carriage return, and neither U+FFFE nor U+FFFF. What is not
// UTF-8 never gets here.
std::size_t first_forbidden(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (text.size() - i >= sizeof(std::uint64_t) && are_plain(text.data() + i)) i += sizeof(std::uint64_t);
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return i;
    if (c == 0xef && text.size() - i >= 3 && text.compare(i, 2, "\xef\xbf") == 0 && static_cast<unsigned char>(text[i + 2]) >= 0xbe)
      return i;
  }
  return std::string_view::npos;
}

std::string name_of_character(std::string_view text) {
  const auto c = static_cast<unsigned char>(text.front());
  if (c == 0xef) return static_cast<unsigned char>(text[2]) == 0xbe ? "#xFFFE" : "#xFFFF";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string name = "#x";
  if (c >= 16) name += digits[c >> 4];
  return name + digits[c & 15];
}

Result<Unit> check_attribute_name(const String& name) {
  const auto invalid = [](std::string text) { return Error{&InvalidParameterValue, std::move(text)}; };
  if (name.empty()) return invalid("Message (user) attribute name can not be empty.");
  if (name.size() > limits::attribute_name_characters) return invalid("Message (user) attribute name must be shorter than 256 Bytes.");
  const auto is_fine = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.'; };
  if (!std::all_of(name.begin(), name.end(), is_fine) || name.front() == '.' || name.back() == '.' || contains(name, "..")) {
    return invalid("The message attribute name '" + name +
                   "' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters.");
  }
  const auto lower = to_lower(name);
  if (lower.starts_with("aws.") || lower.starts_with("amazon."))
    return invalid(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use.");
  return Unit{};
}

Result<Unit> check_attribute_value(const String& name, const MessageAttributeValue& value) {
  const auto invalid = [](std::string text) { return Error{&InvalidParameterValue, std::move(text)}; };
  if (!value.StringListValues.empty() || !value.BinaryListValues.empty())
    return Error{&UnsupportedOperation, "Message attribute list values in SendMessage operation are not supported."};
  const auto type = value.DataType.value_or("");
  const auto base = type.substr(0, type.find('.'));
  if (type.empty()) return invalid("The message attribute '" + name + "' must contain a non-empty message attribute type.");
  if (type.size() > limits::attribute_name_characters || first_forbidden(type) != std::string::npos ||
      (base != "String" && base != "Number" && base != "Binary")) {
    return invalid("The message attribute '" + name +
                   "' has an invalid message attribute type, the set of supported type prefixes is "
                   "Binary, Number, and String.");
  }
  const bool is_binary = base == "Binary";
  const bool has_value = is_binary ? value.BinaryValue && !value.BinaryValue->bytes.empty() && !value.StringValue
                                   : value.StringValue && !value.StringValue->empty() && !value.BinaryValue;
  if (!has_value)
    return invalid("The message attribute '" + name + "' must contain a non-empty message attribute value for message attribute type '" +
                   type + "'.");
  if (is_binary) return Unit{};
  if (first_forbidden(*value.StringValue) != std::string::npos)
    return Error{&InvalidMessageContents, "The message attribute '" + name + "' contains characters outside the allowed set."};
  if (base == "Number" && !parse_double(*value.StringValue))
    return invalid("Can't cast the value of message (user) attribute '" + name + "' to a number.");
  return Unit{};
}

}  // namespace

Error invalid_value(std::string_view value, std::string_view parameter, std::string_view reason) {
  return {&InvalidParameterValue,
          "Value " + std::string(value) + " for parameter " + std::string(parameter) + " is invalid. Reason: " + std::string(reason)};
}

Error missing_parameter(std::string_view parameter) {
  return {&MissingParameter, "The request must contain the parameter " + std::string(parameter) + "."};
}

Result<Unit> check_body(std::string_view body) {
  if (body.empty()) return missing_parameter("MessageBody");
  const auto at = first_forbidden(body);
  if (at == std::string_view::npos) return Unit{};
  return Error{&InvalidMessageContents, "Invalid binary character '" + name_of_character(body.substr(at)) +
                                            "' was found in the message body, the set of allowed characters is #x9 | #xA | #xD | #x20 to "
                                            "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"};
}

Result<Unit> check_attributes(Quotas* registry, const Map<MessageAttributeValue>& attributes) {
  SURGE_CHECK(check_quota(registry, quotas::message_attributes, attributes.size()));
  for (const auto& [name, value] : attributes) {
    SURGE_CHECK(check_attribute_name(name));
    SURGE_CHECK(check_attribute_value(name, value));
  }
  return Unit{};
}

Result<Unit> check_system_attributes(const Map<MessageAttributeValue>& attributes) {
  for (const auto& [name, value] : attributes) {
    if (name != "AWSTraceHeader") {
      return Error{&InvalidParameterValue, "Message system attribute name '" + name +
                                               "' is invalid. The only supported message system attribute is AWSTraceHeader."};
    }
    SURGE_CHECK(check_attribute_value(name, value));
    if (value.DataType != "String")
      return Error{&InvalidParameterValue, "The message system attribute 'AWSTraceHeader' must be of the type String."};
  }
  return Unit{};
}

Result<Unit> check_id(std::string_view id, std::string_view parameter) {
  const auto is_fine = [](char c) { return c > ' ' && c < 0x7f; };
  if (!id.empty() && id.size() <= limits::group_id_characters && std::all_of(id.begin(), id.end(), is_fine)) return Unit{};
  return invalid_value(id, parameter,
                       std::string(parameter) + " can only include alphanumeric and punctuation characters. 1 to 128 in length.");
}

std::size_t size_of(const Map<MessageAttributeValue>& attributes) {
  std::size_t size = 0;
  for (const auto& [name, value] : attributes) {
    size += name.size() + value.DataType.value_or("").size() + (value.StringValue ? value.StringValue->size() : 0) +
            (value.BinaryValue ? value.BinaryValue->bytes.size() : 0);
  }
  return size;
}

Result<Unit> check_batch_size(Quotas* registry, std::size_t entries, std::string_view entry) {
  if (entries == 0) return Error{&EmptyBatchRequest, "There should be at least one " + std::string(entry) + " in the request."};
  return check_quota(registry, quotas::batch_entries, entries);
}

Result<Unit> check_batch_ids(const List<std::string_view>& ids) {
  const auto is_fine = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
  for (const auto id : ids) {
    if (id.empty() || id.size() > limits::batch_entry_id_characters || !std::all_of(id.begin(), id.end(), is_fine)) {
      return Error{
          &InvalidBatchEntryId,
          "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."};
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) != ids.begin() + static_cast<std::ptrdiff_t>(i))
      return Error{&BatchEntryIdsNotDistinct, "Id " + std::string(ids[i]) + " repeated."};
  return Unit{};
}

BatchResultErrorEntry failed_entry(const String& id, const Error& error) {
  const auto& code = *error.code;
  return {.Id = id,
          .SenderFault = code.http_status < 500,
          .Code = std::string(code.query_name.empty() ? code.name : code.query_name),
          .Message = error.message};
}

}  // namespace surgetank::sqs
