#pragma once
// The operations of CloudWatch metrics by noun. All run on the account's one lane of the region: metrics of many namespaces arrive
// together, and periods are read, added to and written back.
#include "kernel/call.h"
#include "kernel/telemetry_model.h"
#include "services/cloudwatch/model.h"

namespace surgetank::cloudwatch {

// intake.cc
Result<Empty> put_metric_data(Call& call, const PutMetricDataRequest& request);
Result<Empty> ingest_metrics(Call& call, const IngestMetricsRequest& request);
Result<Empty> expire_metric_data(Call& call, const Empty& request);

// reading.cc
Result<GetMetricStatisticsResponse> get_metric_statistics(Call& call, const GetMetricStatisticsRequest& request);
Result<GetMetricDataResponse> get_metric_data(Call& call, const GetMetricDataRequest& request);
Result<ListMetricsResponse> list_metrics(Call& call, const ListMetricsRequest& request);

bool is_unit(std::string_view unit);

}  // namespace surgetank::cloudwatch
