#pragma once
// Requests and replies of Amazon SQS, the whole API; members as in the AWS API reference (2012-11-05). Plain constant data, any thread.
// The JSON protocol uses the member names; the query protocol writes lists and maps flattened under the name of their items
// ("Attribute.1.Name", "SendMessageBatchRequestEntry.2.Id"), which the bindings below say. A reply's Opt<List> is one that the JSON
// protocol always has, even if empty. What is stored: queue_record.h and the messages' own records.
#include "shape/shape.h"

namespace surgetank::sqs {

#define SURGE_SQS_LIST(name, items) \
  { .member = name, .item_name = items, .items_form = ItemsForm::Flattened }
#define SURGE_SQS_MAP(name, items) \
  { .member = name, .item_name = items, .items_form = ItemsForm::Flattened, .key_name = "Name", .value_name = "Value" }
#define SURGE_SQS_TAGS(name) \
  { .member = name, .item_name = "Tag", .items_form = ItemsForm::Flattened, .key_name = "Key", .value_name = "Value" }

// --- queues ----------------------------------------------------------------------------------------------------------

struct CreateQueueRequest {
  String QueueName;
  Map<String> Attributes;
  Map<String> tags;
};
SURGE_SHAPE(CreateQueueRequest, QueueName, Attributes, tags)
SURGE_BINDINGS(CreateQueueRequest, SURGE_SQS_MAP("Attributes", "Attribute"), SURGE_SQS_TAGS("tags"))
struct QueueUrlResponse {
  String QueueUrl;
};
SURGE_SHAPE(QueueUrlResponse, QueueUrl)

struct QueueUrlRequest {
  String QueueUrl;
};
SURGE_SHAPE(QueueUrlRequest, QueueUrl)

// Internal: 60 seconds after DeleteQueue its name is free again.
struct FreeQueueNameRequest {
  String QueueName;
};
SURGE_SHAPE(FreeQueueNameRequest, QueueName)

struct GetQueueUrlRequest {
  String QueueName;
  Opt<String> QueueOwnerAWSAccountId;
};
SURGE_SHAPE(GetQueueUrlRequest, QueueName, QueueOwnerAWSAccountId)

struct ListQueuesRequest {
  Opt<String> QueueNamePrefix;
  Opt<String> NextToken;
  Opt<Integer> MaxResults;
};
SURGE_SHAPE(ListQueuesRequest, QueueNamePrefix, NextToken, MaxResults)
struct ListQueuesResponse {
  List<String> QueueUrls;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListQueuesResponse, QueueUrls, NextToken)
SURGE_BINDINGS(ListQueuesResponse, SURGE_SQS_LIST("QueueUrls", "QueueUrl"))

struct ListDeadLetterSourceQueuesRequest {
  String QueueUrl;
  Opt<String> NextToken;
  Opt<Integer> MaxResults;
};
SURGE_SHAPE(ListDeadLetterSourceQueuesRequest, QueueUrl, NextToken, MaxResults)
struct ListDeadLetterSourceQueuesResponse {
  Opt<List<String>> queueUrls;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListDeadLetterSourceQueuesResponse, queueUrls, NextToken)
SURGE_BINDINGS(ListDeadLetterSourceQueuesResponse, SURGE_SQS_LIST("queueUrls", "QueueUrl"))

struct GetQueueAttributesRequest {
  String QueueUrl;
  List<String> AttributeNames;
};
SURGE_SHAPE(GetQueueAttributesRequest, QueueUrl, AttributeNames)
SURGE_BINDINGS(GetQueueAttributesRequest, SURGE_SQS_LIST("AttributeNames", "AttributeName"))
struct GetQueueAttributesResponse {
  Map<String> Attributes;
};
SURGE_SHAPE(GetQueueAttributesResponse, Attributes)
SURGE_BINDINGS(GetQueueAttributesResponse, SURGE_SQS_MAP("Attributes", "Attribute"))

struct SetQueueAttributesRequest {
  String QueueUrl;
  Map<String> Attributes;
};
SURGE_SHAPE(SetQueueAttributesRequest, QueueUrl, Attributes)
SURGE_BINDINGS(SetQueueAttributesRequest, SURGE_SQS_MAP("Attributes", "Attribute"))

struct AddPermissionRequest {
  String QueueUrl;
  String Label;
  List<String> AWSAccountIds;
  List<String> Actions;
};
SURGE_SHAPE(AddPermissionRequest, QueueUrl, Label, AWSAccountIds, Actions)
SURGE_BINDINGS(AddPermissionRequest, SURGE_SQS_LIST("AWSAccountIds", "AWSAccountId"), SURGE_SQS_LIST("Actions", "ActionName"))
struct RemovePermissionRequest {
  String QueueUrl;
  String Label;
};
SURGE_SHAPE(RemovePermissionRequest, QueueUrl, Label)

struct TagQueueRequest {
  String QueueUrl;
  Map<String> Tags;
};
SURGE_SHAPE(TagQueueRequest, QueueUrl, Tags)
SURGE_BINDINGS(TagQueueRequest, SURGE_SQS_TAGS("Tags"))
struct UntagQueueRequest {
  String QueueUrl;
  List<String> TagKeys;
};
SURGE_SHAPE(UntagQueueRequest, QueueUrl, TagKeys)
SURGE_BINDINGS(UntagQueueRequest, SURGE_SQS_LIST("TagKeys", "TagKey"))
struct ListQueueTagsResponse {
  Map<String> Tags;
};
SURGE_SHAPE(ListQueueTagsResponse, Tags)
SURGE_BINDINGS(ListQueueTagsResponse, SURGE_SQS_TAGS("Tags"))

// --- messages --------------------------------------------------------------------------------------------------------

// A message attribute, or a system attribute of a message to be sent. DataType is required by AWS; its absence is worded by the
// operation, with the attribute's name.
struct MessageAttributeValue {
  Opt<String> StringValue;
  Opt<Blob> BinaryValue;
  List<String> StringListValues;
  List<Blob> BinaryListValues;
  Opt<String> DataType;
};
SURGE_SHAPE(MessageAttributeValue, StringValue, BinaryValue, StringListValues, BinaryListValues, DataType)
SURGE_BINDINGS(MessageAttributeValue, {.member = "StringValue", .sensitivity = Sensitivity::Sensitive},
               {.member = "BinaryValue", .sensitivity = Sensitivity::Sensitive}, SURGE_SQS_LIST("StringListValues", "StringListValue"),
               SURGE_SQS_LIST("BinaryListValues", "BinaryListValue"))

struct SendMessageRequest {
  String QueueUrl;
  String MessageBody;
  Opt<Integer> DelaySeconds;
  Map<MessageAttributeValue> MessageAttributes;
  Map<MessageAttributeValue> MessageSystemAttributes;
  Opt<String> MessageDeduplicationId;
  Opt<String> MessageGroupId;
};
SURGE_SHAPE(SendMessageRequest, QueueUrl, MessageBody, DelaySeconds, MessageAttributes, MessageSystemAttributes, MessageDeduplicationId,
            MessageGroupId)
SURGE_BINDINGS(SendMessageRequest, {.member = "MessageBody", .sensitivity = Sensitivity::Sensitive},
               SURGE_SQS_MAP("MessageAttributes", "MessageAttribute"), SURGE_SQS_MAP("MessageSystemAttributes", "MessageSystemAttribute"))
struct SendMessageResponse {
  Opt<String> MD5OfMessageBody;
  Opt<String> MD5OfMessageAttributes;
  Opt<String> MD5OfMessageSystemAttributes;
  Opt<String> MessageId;
  Opt<String> SequenceNumber;
};
SURGE_SHAPE(SendMessageResponse, MD5OfMessageBody, MD5OfMessageAttributes, MD5OfMessageSystemAttributes, MessageId, SequenceNumber)

struct BatchResultErrorEntry {
  String Id;
  bool SenderFault = true;
  String Code;
  Opt<String> Message;
};
SURGE_SHAPE(BatchResultErrorEntry, Id, SenderFault, Code, Message)
struct BatchResultEntry {
  String Id;
};
SURGE_SHAPE(BatchResultEntry, Id)

struct SendMessageBatchRequestEntry {
  String Id;
  String MessageBody;
  Opt<Integer> DelaySeconds;
  Map<MessageAttributeValue> MessageAttributes;
  Map<MessageAttributeValue> MessageSystemAttributes;
  Opt<String> MessageDeduplicationId;
  Opt<String> MessageGroupId;
};
SURGE_SHAPE(SendMessageBatchRequestEntry, Id, MessageBody, DelaySeconds, MessageAttributes, MessageSystemAttributes, MessageDeduplicationId,
            MessageGroupId)
SURGE_BINDINGS(SendMessageBatchRequestEntry, {.member = "MessageBody", .sensitivity = Sensitivity::Sensitive},
               SURGE_SQS_MAP("MessageAttributes", "MessageAttribute"), SURGE_SQS_MAP("MessageSystemAttributes", "MessageSystemAttribute"))
struct SendMessageBatchRequest {
  String QueueUrl;
  List<SendMessageBatchRequestEntry> Entries;
};
SURGE_SHAPE(SendMessageBatchRequest, QueueUrl, Entries)
SURGE_BINDINGS(SendMessageBatchRequest, SURGE_SQS_LIST("Entries", "SendMessageBatchRequestEntry"))
struct SendMessageBatchResultEntry {
  String Id;
  String MessageId;
  String MD5OfMessageBody;
  Opt<String> MD5OfMessageAttributes;
  Opt<String> MD5OfMessageSystemAttributes;
  Opt<String> SequenceNumber;
};
SURGE_SHAPE(SendMessageBatchResultEntry, Id, MessageId, MD5OfMessageBody, MD5OfMessageAttributes, MD5OfMessageSystemAttributes,
            SequenceNumber)
struct SendMessageBatchResponse {
  Opt<List<SendMessageBatchResultEntry>> Successful;
  Opt<List<BatchResultErrorEntry>> Failed;
};
SURGE_SHAPE(SendMessageBatchResponse, Successful, Failed)
SURGE_BINDINGS(SendMessageBatchResponse, SURGE_SQS_LIST("Successful", "SendMessageBatchResultEntry"),
               SURGE_SQS_LIST("Failed", "BatchResultErrorEntry"))

struct ReceiveMessageRequest {
  String QueueUrl;
  List<String> AttributeNames;  // older name of the next
  List<String> MessageSystemAttributeNames;
  List<String> MessageAttributeNames;
  Opt<Integer> MaxNumberOfMessages;
  Opt<Integer> VisibilityTimeout;
  Opt<Integer> WaitTimeSeconds;
  Opt<String> ReceiveRequestAttemptId;
};
SURGE_SHAPE(ReceiveMessageRequest, QueueUrl, AttributeNames, MessageSystemAttributeNames, MessageAttributeNames, MaxNumberOfMessages,
            VisibilityTimeout, WaitTimeSeconds, ReceiveRequestAttemptId)
SURGE_BINDINGS(ReceiveMessageRequest, SURGE_SQS_LIST("AttributeNames", "AttributeName"),
               SURGE_SQS_LIST("MessageSystemAttributeNames", "MessageSystemAttributeName"),
               SURGE_SQS_LIST("MessageAttributeNames", "MessageAttributeName"))
struct Message {
  String MessageId;
  String ReceiptHandle;
  String MD5OfBody;
  String Body;
  Map<String> Attributes;
  Opt<String> MD5OfMessageAttributes;
  Map<MessageAttributeValue> MessageAttributes;
};
SURGE_SHAPE(Message, MessageId, ReceiptHandle, MD5OfBody, Body, Attributes, MD5OfMessageAttributes, MessageAttributes)
SURGE_BINDINGS(Message, {.member = "Body", .sensitivity = Sensitivity::Sensitive}, SURGE_SQS_MAP("Attributes", "Attribute"),
               SURGE_SQS_MAP("MessageAttributes", "MessageAttribute"))
struct ReceiveMessageResponse {
  List<Message> Messages;
};
SURGE_SHAPE(ReceiveMessageResponse, Messages)
SURGE_BINDINGS(ReceiveMessageResponse, SURGE_SQS_LIST("Messages", "Message"))

struct DeleteMessageRequest {
  String QueueUrl;
  String ReceiptHandle;
};
SURGE_SHAPE(DeleteMessageRequest, QueueUrl, ReceiptHandle)
struct DeleteMessageBatchRequestEntry {
  String Id;
  String ReceiptHandle;
};
SURGE_SHAPE(DeleteMessageBatchRequestEntry, Id, ReceiptHandle)
struct DeleteMessageBatchRequest {
  String QueueUrl;
  List<DeleteMessageBatchRequestEntry> Entries;
};
SURGE_SHAPE(DeleteMessageBatchRequest, QueueUrl, Entries)
SURGE_BINDINGS(DeleteMessageBatchRequest, SURGE_SQS_LIST("Entries", "DeleteMessageBatchRequestEntry"))
struct DeleteMessageBatchResponse {
  Opt<List<BatchResultEntry>> Successful;
  Opt<List<BatchResultErrorEntry>> Failed;
};
SURGE_SHAPE(DeleteMessageBatchResponse, Successful, Failed)
SURGE_BINDINGS(DeleteMessageBatchResponse, SURGE_SQS_LIST("Successful", "DeleteMessageBatchResultEntry"),
               SURGE_SQS_LIST("Failed", "BatchResultErrorEntry"))

struct ChangeMessageVisibilityRequest {
  String QueueUrl;
  String ReceiptHandle;
  Integer VisibilityTimeout = 0;
};
SURGE_SHAPE(ChangeMessageVisibilityRequest, QueueUrl, ReceiptHandle, VisibilityTimeout)
struct ChangeMessageVisibilityBatchRequestEntry {
  String Id;
  String ReceiptHandle;
  Opt<Integer> VisibilityTimeout;
};
SURGE_SHAPE(ChangeMessageVisibilityBatchRequestEntry, Id, ReceiptHandle, VisibilityTimeout)
struct ChangeMessageVisibilityBatchRequest {
  String QueueUrl;
  List<ChangeMessageVisibilityBatchRequestEntry> Entries;
};
SURGE_SHAPE(ChangeMessageVisibilityBatchRequest, QueueUrl, Entries)
SURGE_BINDINGS(ChangeMessageVisibilityBatchRequest, SURGE_SQS_LIST("Entries", "ChangeMessageVisibilityBatchRequestEntry"))
struct ChangeMessageVisibilityBatchResponse {
  Opt<List<BatchResultEntry>> Successful;
  Opt<List<BatchResultErrorEntry>> Failed;
};
SURGE_SHAPE(ChangeMessageVisibilityBatchResponse, Successful, Failed)
SURGE_BINDINGS(ChangeMessageVisibilityBatchResponse, SURGE_SQS_LIST("Successful", "ChangeMessageVisibilityBatchResultEntry"),
               SURGE_SQS_LIST("Failed", "BatchResultErrorEntry"))

// --- message move tasks ----------------------------------------------------------------------------------------------

struct StartMessageMoveTaskRequest {
  String SourceArn;
  Opt<String> DestinationArn;
  Opt<Integer> MaxNumberOfMessagesPerSecond;
};
SURGE_SHAPE(StartMessageMoveTaskRequest, SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond)
struct StartMessageMoveTaskResponse {
  String TaskHandle;
};
SURGE_SHAPE(StartMessageMoveTaskResponse, TaskHandle)
struct CancelMessageMoveTaskRequest {
  String TaskHandle;
};
SURGE_SHAPE(CancelMessageMoveTaskRequest, TaskHandle)
struct CancelMessageMoveTaskResponse {
  Integer ApproximateNumberOfMessagesMoved = 0;
};
SURGE_SHAPE(CancelMessageMoveTaskResponse, ApproximateNumberOfMessagesMoved)
struct ListMessageMoveTasksRequest {
  String SourceArn;
  Opt<Integer> MaxResults;
};
SURGE_SHAPE(ListMessageMoveTasksRequest, SourceArn, MaxResults)
struct ListMessageMoveTasksResultEntry {
  Opt<String> TaskHandle;  // of running tasks only
  String Status;
  String SourceArn;
  Opt<String> DestinationArn;
  Opt<Integer> MaxNumberOfMessagesPerSecond;
  Integer ApproximateNumberOfMessagesMoved = 0;
  Opt<Integer> ApproximateNumberOfMessagesToMove;
  Opt<String> FailureReason;
  Integer StartedTimestamp = 0;  // milliseconds since the epoch
};
SURGE_SHAPE(ListMessageMoveTasksResultEntry, TaskHandle, Status, SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond,
            ApproximateNumberOfMessagesMoved, ApproximateNumberOfMessagesToMove, FailureReason, StartedTimestamp)
struct ListMessageMoveTasksResponse {
  Opt<List<ListMessageMoveTasksResultEntry>> Results;
};
SURGE_SHAPE(ListMessageMoveTasksResponse, Results)
SURGE_BINDINGS(ListMessageMoveTasksResponse, SURGE_SQS_LIST("Results", "ListMessageMoveTasksResultEntry"))

#undef SURGE_SQS_LIST
#undef SURGE_SQS_MAP
#undef SURGE_SQS_TAGS

}  // namespace surgetank::sqs
