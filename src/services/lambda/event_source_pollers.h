#pragma once
// All event source mappings of the server at work: finds the drivers of mappings, each on its lane, and starts those that are stored.
// Source of the records: event_source_store.h.
#include "kernel/operation.h"

namespace surgetank::lambda {

// For Service::start; they stop through Ports::event_sources.
void start_event_sources(ServiceContext& context);

}  // namespace surgetank::lambda
