#pragma once
// The MD5s that SQS answers with, which SDKs compare with their own. Pure; any thread.
// Source: SQS developer guide, "Calculating the MD5 message digest for message attributes".
#include <string>
#include <string_view>

#include "services/sqs/body_record.h"
#include "services/sqs/model.h"

namespace surgetank::sqs {

BodyDigest md5(std::string_view bytes);
std::string md5_text(const BodyDigest& digest);  // lower-case hex
// Of attributes whose values have been checked; nullopt if there are none.
Opt<String> md5_of_attributes(const Map<MessageAttributeValue>& attributes);

}  // namespace surgetank::sqs
