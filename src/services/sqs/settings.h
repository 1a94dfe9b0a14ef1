#pragma once
// What a queue's attributes say, decoded: what the queue's state machine acts on. The record (queue_record.h) keeps the attributes as
// the texts that clients see; decode_settings turns a stored record, whose attributes are valid, into this. Values; any thread.
#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "services/sqs/limits.h"
#include "services/sqs/queue_record.h"
#include "shape/shape.h"

namespace surgetank {
struct AccessPolicy;
}

namespace surgetank::sqs {

enum class QueueKind : std::uint8_t { Standard, Fifo };
enum class DeduplicationScope : std::uint8_t { Queue, MessageGroup };
enum class ThroughputLimit : std::uint8_t { PerQueue, PerMessageGroupId };
enum class BodyDeduplication : std::uint8_t { Off, ContentBased };
// How bodies rest on disk: as they are, or sealed by the vault (SQS-managed keys and KMS keys alike).
enum class BodyEncryption : std::uint8_t { Plain, SqsManaged, Kms };

struct RedriveSettings {
  std::string target_arn;
  std::string target_name;  // in the same account and region
  std::int64_t maximum_receives = 0;
};

// Which queues may use this one as their dead-letter queue.
struct RedriveAllowance {
  enum class Permission : std::uint8_t { AllowAll, DenyAll, ByQueue };
  Permission permission = Permission::AllowAll;
  List<String> source_arns;  // ByQueue
};

struct QueueSettings {
  std::string name;
  std::string arn;
  QueueKind kind = QueueKind::Standard;
  Duration visibility_timeout = seconds(30);
  Duration delay{};
  Duration retention = days(4);
  Duration receive_wait{};
  std::size_t maximum_message_bytes = limits::message_bytes;
  BodyDeduplication body_deduplication = BodyDeduplication::Off;
  DeduplicationScope deduplication_scope = DeduplicationScope::Queue;
  ThroughputLimit throughput_limit = ThroughputLimit::PerQueue;
  BodyEncryption encryption = BodyEncryption::SqsManaged;
  Opt<RedriveSettings> redrive;
  RedriveAllowance redrive_allowance;
  std::shared_ptr<const AccessPolicy> policy;  // null: none

  bool is_fifo() const { return kind == QueueKind::Fifo; }
};

QueueSettings decode_settings(const QueueRecord& record, const Caller& caller);
// Whether `target`, used as a dead-letter queue or as the destination of a move, allows `source_arn` to do so.
bool allows_redrive_from(const RedriveAllowance& allowance, std::string_view source_arn);

}  // namespace surgetank::sqs
