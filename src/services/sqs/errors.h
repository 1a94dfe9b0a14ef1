#pragma once
// Error codes of SQS: the name that the JSON protocol tells, the status, and the older code of the query protocol, which JSON clients
// get in x-amzn-query-error (SQS is awsQueryCompatible). Source: AWS API reference and the SQS service models of the SDKs.
#include "base/result.h"

namespace surgetank::sqs {

inline constexpr ErrorCode QueueDoesNotExist{"QueueDoesNotExist", 400, "AWS.SimpleQueueService.NonExistentQueue"};
inline constexpr ErrorCode QueueNameExists{"QueueNameExists", 400, "QueueAlreadyExists"};
inline constexpr ErrorCode QueueDeletedRecently{"QueueDeletedRecently", 400, "AWS.SimpleQueueService.QueueDeletedRecently"};
inline constexpr ErrorCode PurgeQueueInProgress{"PurgeQueueInProgress", 403, "AWS.SimpleQueueService.PurgeQueueInProgress"};
inline constexpr ErrorCode InvalidAttributeName{"InvalidAttributeName", 400};
inline constexpr ErrorCode InvalidAttributeValue{"InvalidAttributeValue", 400};
inline constexpr ErrorCode InvalidParameterValue{"InvalidParameterValueException", 400, "InvalidParameterValue"};
inline constexpr ErrorCode MissingParameter{"MissingRequiredParameterException", 400, "MissingParameter"};
inline constexpr ErrorCode AccessDenied{"AccessDeniedException", 403, "AccessDenied"};
inline constexpr ErrorCode InvalidAddress{"InvalidAddress", 404};
inline constexpr ErrorCode InvalidSecurity{"InvalidSecurity", 403};
inline constexpr ErrorCode OverLimit{"OverLimit", 403};
inline constexpr ErrorCode RequestThrottled{"RequestThrottled", 403};
inline constexpr ErrorCode UnsupportedOperation{"UnsupportedOperation", 400, "AWS.SimpleQueueService.UnsupportedOperation"};
inline constexpr ErrorCode ResourceNotFoundException{"ResourceNotFoundException", 404};

inline constexpr ErrorCode InvalidMessageContents{"InvalidMessageContents", 400};
inline constexpr ErrorCode ReceiptHandleIsInvalid{"ReceiptHandleIsInvalid", 404};
inline constexpr ErrorCode InvalidIdFormat{"InvalidIdFormat", 404};
inline constexpr ErrorCode MessageNotInflight{"MessageNotInflight", 400, "AWS.SimpleQueueService.MessageNotInflight"};
inline constexpr ErrorCode TooManyEntriesInBatchRequest{"TooManyEntriesInBatchRequest", 400,
                                                        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"};
inline constexpr ErrorCode EmptyBatchRequest{"EmptyBatchRequest", 400, "AWS.SimpleQueueService.EmptyBatchRequest"};
inline constexpr ErrorCode BatchEntryIdsNotDistinct{"BatchEntryIdsNotDistinct", 400, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"};
inline constexpr ErrorCode BatchRequestTooLong{"BatchRequestTooLong", 400, "AWS.SimpleQueueService.BatchRequestTooLong"};
inline constexpr ErrorCode InvalidBatchEntryId{"InvalidBatchEntryId", 400, "AWS.SimpleQueueService.InvalidBatchEntryId"};

}  // namespace surgetank::sqs
