#pragma once
// From what a client names to the stored records, on the lane of the function. Errors are Lambda's own.
#include <string>
#include <string_view>

#include "base/result.h"
#include "kernel/call.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// A function of the caller's account and region.
struct Target {
  std::string name;
  std::string qualifier;  // empty: none given
};
enum class NameForm : std::uint8_t { FunctionName, NamespacedFunctionName };  // the two types of the API reference

// Checks the form of the name and of the qualifier, that they do not contradict each other, and that account and region are the
// caller's own (there is no access across accounts here). `action` is for the message: "lambda:GetFunction".
Result<Target> resolve(const Call& call, std::string_view action, NameForm form, const String& function_name, const Opt<String>& qualifier);
// For operations that work on the function as a whole: a qualifier other than $LATEST is refused.
Result<Target> resolve_unqualified(const Call& call, std::string_view action, NameForm form, const String& function_name);

Error function_not_found(const Call& call, const Target& target);
Error alias_not_found(const Call& call, const Target& target);
std::string arn_of(const Call& call, const Target& target);

Result<FunctionRecord> find_function(Call& call, const Target& target);
Opt<VersionRecord> find_published(Call& call, const std::string& name, std::string_view number);
Opt<AliasRecord> find_alias(Call& call, const std::string& name, std::string_view alias);
// What the qualifier stands for: nothing and $LATEST, a number, or an alias (its main version).
Result<VersionRecord> find_version(Call& call, const Target& target);

// All writes go through these: they make the lane forget what it has decoded of the function.
void save_function(Call& call, const FunctionRecord& function);
void save_version(Call& call, const std::string& name, const VersionRecord& version);
void save_alias(Call& call, const std::string& name, const AliasRecord& alias);
void save_policy(Call& call, const std::string& name, std::string_view qualifier, const PolicyRecord& policy);
void erase_version(Call& call, const std::string& name, std::string_view number);
void erase_alias(Call& call, const std::string& name, const std::string& alias);
void erase_policy(Call& call, const std::string& name, std::string_view qualifier);
// The function with its versions, aliases and policies.
void erase_function(Call& call, const std::string& name);

List<VersionRecord> published_versions(Call& call, const std::string& name);
List<AliasRecord> aliases_of(Call& call, const std::string& name);

// A change of code or configuration: new ids, and the time.
void mark_changed(Call& call, VersionRecord& version);
// Environments of the version as it was end after their current invocation, once the change is durable.
void retire_after_commit(Call& call, const std::string& name, const VersionRecord& version);

// Refuses a RevisionId that is not the current one; absent is fine. `source` names the operation that tells the current one.
Result<Unit> check_revision(const Opt<String>& given, const String& current, std::string_view source);

}  // namespace surgetank::lambda
