#include <algorithm>

#include "base/text.h"
#include "kernel/ports.h"
#include "kernel/quotas.h"
#include "kernel/record.h"
#include "kernel/validation.h"
#include "services/lambda/concurrency.h"
#include "services/lambda/configuration.h"
#include "services/lambda/errors.h"
#include "services/lambda/function_name.h"
#include "services/lambda/function_store.h"
#include "services/lambda/keys.h"
#include "services/lambda/limits.h"
#include "services/lambda/operations.h"
#include "services/lambda/patterns.h"
#include "services/lambda/quotas.h"

namespace surgetank::lambda {
namespace {

// What a marker says: the last item of the page before, by name and, in listings of versions, by number (0: $LATEST).
struct Position {
  std::string name;
  std::uint64_t number = 0;
};

std::string marker_of(std::string_view name, std::string_view version) {
  return to_base64(std::string(name) + ":" + (version == latest_version ? "0" : std::string(version)));
}

Result<Opt<Position>> position_of(const Opt<String>& marker) {
  if (!marker || marker->empty()) return Opt<Position>{};
  if (const auto text = from_base64(*marker)) {
    const auto parts = split(*text, ':');
    const auto number = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
    if (number && *number >= 0 && !parts[0].empty())
      return Opt<Position>{{.name = std::string(parts[0]), .number = static_cast<std::uint64_t>(*number)}};
  }
  return invalid_parameter("The Marker " + *marker + " is not one that this operation returned.");
}

Result<std::size_t> page_size(const Opt<Integer>& max_items) {
  SURGE_CHECK(Validation().range("maxItems", max_items, 1, limits::largest_max_items).finish(ValidationException));
  return static_cast<std::size_t>(std::min(max_items.value_or(limits::list_page), limits::list_page));
}

// Gathers a page and knows whether there is more behind it.
template <class Item>
struct Page {
  std::size_t size;
  List<Item> items = {};
  std::string last_marker = {};
  bool has_more = false;

  // False: stop.
  bool add(Item item, std::string marker) {
    has_more = items.size() == size;
    if (has_more) return false;
    items.push_back(std::move(item));
    last_marker = std::move(marker);
    return true;
  }
  Opt<String> next_marker() const { return has_more ? Opt<String>(last_marker) : Opt<String>{}; }
};

// Adds $LATEST and the published versions behind `after`; false: the page is full.
bool add_versions(Call& call, const FunctionRecord& function, const Opt<std::uint64_t>& after, Page<FunctionConfiguration>& page) {
  const auto add = [&](const VersionRecord& version) {
    return page.add(listed_configuration_of(call.caller, function.name, version, version.version),
                    marker_of(function.name, version.version));
  };
  if (!after && !add(function.latest)) return false;
  bool room = true;
  const auto first = keys::version(call.caller, function.name, after.value_or(0) + 1);
  call.txn.scan(first, prefix_end(keys::versions(call.caller, function.name)), [&](std::string_view key, std::string_view value) {
    VersionRecord version;
    read_record(value, key, *shape_of<VersionRecord>(), &version);
    room = add(version);
    return room;
  });
  return room;
}

}  // namespace

Result<ListFunctionsResponse> list_functions(Call& call, const ListFunctionsRequest& request) {
  SURGE_CHECK(Validation().one_of("functionVersion", request.FunctionVersion, {"ALL"}).finish(ValidationException));
  SURGE_TRY(size, page_size(request.MaxItems));
  SURGE_TRY(position, position_of(request.Marker));
  const bool all_versions = request.FunctionVersion.has_value();
  Page<FunctionConfiguration> page{.size = size};
  const auto prefix = keys::functions(call.caller);
  const auto first = position ? keys::function(call.caller, position->name) : prefix;
  call.txn.scan(first, prefix_end(prefix), [&](std::string_view key, std::string_view value) {
    FunctionRecord function;
    read_record(value, key, *shape_of<FunctionRecord>(), &function);
    const bool continued = position && position->name == function.name;
    if (all_versions) return add_versions(call, function, continued ? Opt<std::uint64_t>(position->number) : std::nullopt, page);
    return continued ||
           page.add(listed_configuration_of(call.caller, function.name, function.latest, {}), marker_of(function.name, latest_version));
  });
  return ListFunctionsResponse{.NextMarker = page.next_marker(), .Functions = std::move(page.items)};
}

Result<ListVersionsByFunctionResponse> list_versions_by_function(Call& call, const ListVersionsByFunctionRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:ListVersionsByFunction", NameForm::NamespacedFunctionName, request.FunctionName));
  SURGE_TRY(size, page_size(request.MaxItems));
  SURGE_TRY(position, position_of(request.Marker));
  SURGE_TRY(function, find_function(call, target));
  Page<FunctionConfiguration> page{.size = size};
  add_versions(call, function, position ? Opt<std::uint64_t>(position->number) : std::nullopt, page);
  return ListVersionsByFunctionResponse{.NextMarker = page.next_marker(), .Versions = std::move(page.items)};
}

Result<ListAliasesResponse> list_aliases(Call& call, const ListAliasesRequest& request) {
  SURGE_TRY(target, resolve_unqualified(call, "lambda:ListAliases", NameForm::FunctionName, request.FunctionName));
  if (request.FunctionVersion)
    SURGE_CHECK(
        Validation()
            .pattern("functionVersion", *request.FunctionVersion, version_pattern.shown, version_pattern.matches(*request.FunctionVersion))
            .finish(ValidationException));
  SURGE_TRY(size, page_size(request.MaxItems));
  SURGE_TRY(position, position_of(request.Marker));
  if (const auto function = find_function(call, target); !function.ok()) return function.error();
  Page<AliasConfiguration> page{.size = size};
  for (const auto& alias : aliases_of(call, target.name)) {
    const bool wanted =
        !request.FunctionVersion || alias.function_version == *request.FunctionVersion || alias.weights.contains(*request.FunctionVersion);
    if (!wanted || (position && alias.name <= position->name)) continue;
    if (!page.add(shown_alias(call.caller, target.name, alias), marker_of(alias.name, latest_version))) break;
  }
  return ListAliasesResponse{.NextMarker = page.next_marker(), .Aliases = std::move(page.items)};
}

AccountUse account_use(Call& call) {
  AccountUse use;
  scan_records<FunctionRecord>(call.txn, keys::functions(call.caller), [&](const FunctionRecord& function) {
    ++use.FunctionCount;
    use.TotalCodeSize += function.latest.code.size;
    return true;
  });
  scan_records<VersionRecord>(call.txn, keys::account_versions(call.caller), [&](const VersionRecord& version) {
    use.TotalCodeSize += version.code.size;
    return true;
  });
  return use;
}

namespace {
// As clients can use it: AWS has no unlimited account, so what is unlimited here is shown as AWS's default.
Integer shown_quota(const Call& call, const QuotaRow& row) {
  const auto value = quota_value(call.ports.quotas, row);
  return value == Quotas::unlimited ? row.value : value;
}
}  // namespace

Result<GetAccountSettingsResponse> get_account_settings(Call& call, const Empty&) {
  const auto use = account_use(call);
  const auto claims = concurrency_claims(call, {});
  return GetAccountSettingsResponse{.AccountLimit = {.TotalCodeSize = shown_quota(call, quotas::code_storage),
                                                     .CodeSizeUnzipped = shown_quota(call, quotas::unzipped_package),
                                                     .CodeSizeZipped = shown_quota(call, quotas::zipped_package),
                                                     .ConcurrentExecutions = claims.limit,
                                                     .UnreservedConcurrentExecutions = std::max<Integer>(0, claims.unreserved())},
                                    .AccountUsage = use};
}

}  // namespace surgetank::lambda
