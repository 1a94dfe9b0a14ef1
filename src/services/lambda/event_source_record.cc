#include "services/lambda/event_source_record.h"

#include "base/text.h"
#include "wire/json_writer.h"

namespace surgetank::lambda {
namespace {

void write_attribute(JsonWriter& json, const ReceivedAttribute& attribute) {
  json.begin_object();
  if (attribute.StringValue) json.key("stringValue").string(*attribute.StringValue);
  if (attribute.BinaryValue) json.key("binaryValue").string(to_base64(attribute.BinaryValue->bytes));
  json.key("stringListValues").begin_array();
  for (const auto& value : attribute.StringListValues) json.string(value);
  json.end_array().key("binaryListValues").begin_array();
  for (const auto& value : attribute.BinaryListValues) json.string(to_base64(value.bytes));
  json.end_array().key("dataType").string(attribute.DataType.value_or("String")).end_object();
}

}  // namespace

std::string event_record(const ReceivedMessage& message, std::string_view source_arn, std::string_view region) {
  std::string out;
  out.reserve(message.Body.size() + 1024);
  JsonWriter json(out);
  json.begin_object().key("messageId").string(message.MessageId).key("receiptHandle").string(message.ReceiptHandle);
  json.key("body").string(message.Body).key("attributes").begin_object();
  for (const auto& [name, value] : message.Attributes) json.key(name).string(value);
  json.end_object().key("messageAttributes").begin_object();
  for (const auto& [name, attribute] : message.MessageAttributes) {
    json.key(name);
    write_attribute(json, attribute);
  }
  json.end_object();
  if (message.MD5OfMessageAttributes) json.key("md5OfMessageAttributes").string(*message.MD5OfMessageAttributes);
  if (message.MD5OfBody) json.key("md5OfBody").string(*message.MD5OfBody);
  json.key("eventSource").string("aws:sqs").key("eventSourceARN").string(source_arn).key("awsRegion").string(region).end_object();
  return out;
}

}  // namespace surgetank::lambda
