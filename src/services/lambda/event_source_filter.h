#pragma once
// The filters of a mapping: a message goes to the function if one of the patterns matches it, or if there are none; the others are
// deleted from the queue. Immutable, any thread.
//
// A body that is a JSON object is matched as JSON, any other as text: a pattern over text does not match a JSON body, nor the other
// way round. Source: Lambda Developer Guide, "Using event filtering with an Amazon SQS event source".
#include <string>
#include <vector>

#include "base/result.h"
#include "services/lambda/event_pattern.h"
#include "services/lambda/event_source_record.h"

namespace surgetank::lambda {

class EventFilters {
 public:
  static Result<EventFilters> compile(const std::vector<std::string>& patterns);
  // `record` is the event record of the message (event_source_record.h).
  bool pass(const std::string& record) const;
  bool empty() const { return patterns_.empty(); }

 private:
  std::vector<EventPattern> patterns_;
};

}  // namespace surgetank::lambda
