#pragma once
// What-if: `--set name=value` changes a profile or a quota before it is predicted.
//
//   lambda.concurrent-executions=3000      a quota, by its id
//   Orders.MaximumConcurrency=50           a member of a queue (and of its mapping), function, database or route, by its name
//   CreateOrder.MemorySize=1769            names as CloudFormation has them, or as the profile file has them
//   db.instance-class=db.r6g.large         `db` is the database if there is one only
//   host.processors=8
//
// Unknown names, members and values are told with what there is. Pure.
#include <string>
#include <string_view>

#include "windtunnel/prediction/prediction.h"

namespace surgetank::prediction {

// Empty: each id of the profile's quotas is one of the tables'. Else which is not, for the user.
std::string check_quota_ids(const Profile& profile, const Conditions& conditions);
// Empty: it is changed. Else what is wrong, for the user.
std::string apply_change(std::string_view change, Profile& profile, Conditions& conditions);

}  // namespace surgetank::prediction
