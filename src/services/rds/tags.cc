// Tags of DB instances, by ARN.
#include <algorithm>

#include "services/rds/errors.h"
#include "services/rds/operations.h"
#include "services/rds/settings.h"

namespace surgetank::rds {
namespace {

// Tags are asked for by ARN only.
Result<InstanceRecord> find_tagged(Call& call, const std::string& arn) {
  if (!arn.starts_with("arn:aws:rds:")) return invalid_value("Invalid resource name: " + arn);
  return find_instance(call, arn);
}

}  // namespace

Result<Empty> add_tags(Call& call, const AddTagsToResourceMessage& request) {
  SURGE_TRY(record, find_tagged(call, request.ResourceName));
  auto tags = record.instance.TagList.value_or(List<Tag>{});
  for (const auto& tag : request.Tags) {
    const auto same = std::find_if(tags.begin(), tags.end(), [&tag](const Tag& kept) { return kept.Key == tag.Key; });
    if (same == tags.end()) {
      tags.push_back(tag);
    } else {
      same->Value = tag.Value;
    }
  }
  SURGE_CHECK(check_tags(call, tags));
  record.instance.TagList = std::move(tags);
  save_instance(call, record);
  return Empty{};
}

Result<Empty> remove_tags(Call& call, const RemoveTagsFromResourceMessage& request) {
  SURGE_TRY(record, find_tagged(call, request.ResourceName));
  if (!record.instance.TagList) return Empty{};
  std::erase_if(*record.instance.TagList, [&request](const Tag& tag) {
    return std::find(request.TagKeys.begin(), request.TagKeys.end(), tag.Key.value_or("")) != request.TagKeys.end();
  });
  save_instance(call, record);
  return Empty{};
}

Result<TagListMessage> list_tags(Call& call, const ListTagsForResourceMessage& request) {
  SURGE_TRY(record, find_tagged(call, request.ResourceName));
  if (!request.Filters.empty()) return invalid_value("The parameter Filters is not supported.");
  return TagListMessage{record.instance.TagList.value_or(List<Tag>{})};
}

}  // namespace surgetank::rds
