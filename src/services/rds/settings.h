#pragma once
// What a client may ask of a DB instance: every check that needs nothing but the request. Pure.
// Errors: InvalidParameterValue, InvalidParameterCombination, MissingParameter, worded as RDS words them where that is known.
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "kernel/call.h"
#include "services/rds/model.h"

namespace surgetank::rds {

// Refuses, by name, members that would change how the database behaves and that we do not have.
Result<Unit> refuse_unsupported(const CreateDBInstanceMessage& request);
Result<Unit> refuse_unsupported(const ModifyDBInstanceMessage& request);

Result<Unit> check_create(Call& call, const CreateDBInstanceMessage& request);
Result<Unit> check_modify(const ModifyDBInstanceMessage& request);
Result<Unit> check_identifier(std::string_view identifier);
Result<Unit> check_tags(Call& call, const List<Tag>& tags);
// `installed`: the major versions that the host has. Returns what to keep as the wanted version ("15", "15.4").
Result<String> check_engine_version(const Opt<String>& version, const std::vector<std::string>& installed);

// "15" of "15.4".
std::string_view major_version(std::string_view version);

}  // namespace surgetank::rds
