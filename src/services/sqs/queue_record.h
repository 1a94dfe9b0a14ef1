#pragma once
// The stored record of a queue, and how clients name queues. A record is written by the operations of queues.cc, queue_attributes.cc,
// permissions.cc and tags.cc, and by whoever purges, always on the queue's lane (its name is the aggregate). Values; any thread.
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "shape/shape.h"

namespace surgetank::sqs {

// `attributes` holds what CreateQueue and SetQueueAttributes gave, valid and in canonical form; what is not there has AWS's default.
struct QueueRecord {
  String name;
  String id;  // unique to this life of the queue: keys of its messages carry it, so that a later queue of this name starts empty
  Map<String> attributes;
  Map<String> tags;
  Instant created;
  Instant modified;
  Opt<Instant> purged;  // when PurgeQueue last took effect
};
SURGE_SHAPE(QueueRecord, name, id, attributes, tags, created, modified, purged)

// A queue of this name was deleted: for 60 seconds nobody gets the name again.
struct DeletionRecord {
  Instant deleted;
};
SURGE_SHAPE(DeletionRecord, deleted)

// The name in a queue URL, a queue ARN or a bare name; in a move task handle (base64 of {"taskId":..,"sourceArn":..}) that of its
// source queue. The lane key (Service::aggregate).
std::string queue_name_of(std::string_view client_name);

std::string queue_arn(const Caller& caller, std::string_view name);
// http://127.0.0.1:4566/000000000000/orders: clients send requests to it as well.
std::string queue_url(const Call& call, std::string_view name);

// Whose queue a QueueUrl names: only the last two parts of its path count, whatever the host.
struct QueueAddress {
  std::string account;
  std::string name;
};
// Errors: InvalidAddress (no such path), AccessDenied (the caller does not ask for resources of that account).
Result<QueueAddress> parse_queue_url(const Caller& caller, std::string_view queue_url);

// The account that a QueueUrl names; empty if it is no URL (Service::owner).
std::string_view owner_of_queue_url(std::string_view queue_url);

struct QueuePermission;  // access.h
// The queue of a QueueUrl, to which the caller may do this. Errors: those of parse_queue_url, QueueDoesNotExist, AccessDenied.
Result<QueueRecord> find_queue(Call& call, std::string_view queue_url, const QueuePermission& permission);
Error queue_does_not_exist();
// Nobody learns which queues another account has: QueueDoesNotExist for the own account, AccessDenied for others.
Error no_such_queue(const Caller& caller, std::string_view queue_url);
// The queue of this name in the caller's account and region; nullopt if there is none.
Opt<QueueRecord> find_queue_by_name(Call& call, std::string_view name);
// The queue of an ARN, which must be of the caller's account and region; nullopt if there is none.
Opt<QueueRecord> find_queue_by_arn(Call& call, std::string_view arn);
void save_queue(Call& call, const QueueRecord& record);

}  // namespace surgetank::sqs
