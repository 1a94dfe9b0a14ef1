#pragma once
// What a poller receives from a queue, and the event records that a function gets of it: exactly the members that AWS delivers.
// Pure, any thread. Source: Lambda Developer Guide, "Using Lambda with Amazon SQS" (example event).
#include <string>
#include <string_view>
#include <vector>

#include "shape/shape.h"

namespace surgetank::lambda {

// The reply of ReceiveMessage, as the API reference of SQS has it.
struct ReceivedAttribute {
  Opt<String> StringValue;
  Opt<Blob> BinaryValue;
  List<String> StringListValues;
  List<Blob> BinaryListValues;
  Opt<String> DataType;
};
SURGE_SHAPE(ReceivedAttribute, StringValue, BinaryValue, StringListValues, BinaryListValues, DataType)
struct ReceivedMessage {
  String MessageId;
  String ReceiptHandle;
  Opt<String> MD5OfBody;
  String Body;
  Map<String> Attributes;
  Opt<String> MD5OfMessageAttributes;
  Map<ReceivedAttribute> MessageAttributes;
};
SURGE_SHAPE(ReceivedMessage, MessageId, ReceiptHandle, MD5OfBody, Body, Attributes, MD5OfMessageAttributes, MessageAttributes)
struct ReceivedMessages {
  List<ReceivedMessage> Messages;
};
SURGE_SHAPE(ReceivedMessages, Messages)

// One element of "Records", as JSON.
std::string event_record(const ReceivedMessage& message, std::string_view source_arn, std::string_view region);

inline constexpr std::string_view event_opening = R"({"Records":[)";
inline constexpr std::string_view event_closing = "]}";

}  // namespace surgetank::lambda
