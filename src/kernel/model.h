#pragma once
// Records that the kernel itself keeps in the store, as shapes (JSON inside).
#include "shape/shape.h"

namespace surgetank {

struct OutboxRecord {
  String service;
  String operation;
  String account;
  String region;
  String input;
  Integer attempts = 0;  // failed so far
};
SURGE_SHAPE(OutboxRecord, service, operation, account, region, input, attempts)

// What the session token of temporary credentials seals.
struct SessionRecord {
  String access_key_id;
  String account;
  String arn;
  String user_id;
  Instant expiration;
  Opt<String> role_arn;
};
SURGE_SHAPE(SessionRecord, access_key_id, account, arn, user_id, expiration, role_arn)

}  // namespace surgetank
