#pragma once
// Operations on event source mappings. All of an account and region run on its account-wide lane (event_source_store.h).
#include "kernel/operation.h"
#include "services/lambda/event_source_model.h"
#include "services/lambda/model.h"

namespace surgetank::lambda {

// event_source_mappings.cc
void create_event_source_mapping(Call& call, const CreateEventSourceMappingRequest& request, Reply<EventSourceMappingConfiguration> reply);
void update_event_source_mapping(Call& call, const UpdateEventSourceMappingRequest& request, Reply<EventSourceMappingConfiguration> reply);
Result<EventSourceMappingConfiguration> get_event_source_mapping(Call& call, const EventSourceMappingRequest& request);
Result<EventSourceMappingConfiguration> delete_event_source_mapping(Call& call, const EventSourceMappingRequest& request);
Result<ListEventSourceMappingsResponse> list_event_source_mappings(Call& call, const ListEventSourceMappingsRequest& request);

// Internal: the second halves of create and update, and what the poller reports.
Result<EventSourceMappingConfiguration> register_event_source_mapping(Call& call, const RegisterEventSourceMappingRequest& request);
Result<EventSourceMappingConfiguration> revise_event_source_mapping(Call& call, const ReviseEventSourceMappingRequest& request);
Result<Empty> settle_event_source_mapping(Call& call, const SettleEventSourceMappingRequest& request);

// Tags of a mapping: what TagResource, UntagResource and ListTags do for the ARN of one.
Result<Empty> tag_mapping(Call& call, std::string_view uuid, const TagResourceRequest& request);
Result<Empty> untag_mapping(Call& call, std::string_view uuid, const UntagResourceRequest& request);
Result<ListTagsResponse> list_mapping_tags(Call& call, std::string_view uuid);

}  // namespace surgetank::lambda
