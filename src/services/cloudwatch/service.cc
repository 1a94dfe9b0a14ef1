#include "services/cloudwatch/service.h"

#include "services/cloudwatch/errors.h"
#include "services/cloudwatch/operations.h"
#include "services/cloudwatch/quotas.h"

namespace surgetank::cloudwatch {
namespace {

constexpr Operation operations[] = {
    op<put_metric_data>("PutMetricData", Access::Write),          op<ingest_metrics>("IngestMetrics", Access::Internal),
    op<expire_metric_data>("ExpireMetricData", Access::Internal), op<get_metric_statistics>("GetMetricStatistics", Access::Read),
    op<get_metric_data>("GetMetricData", Access::Read),           op<list_metrics>("ListMetrics", Access::Read),
};
constexpr Protocol protocols[] = {Protocol::Json10, Protocol::Query, Protocol::RpcV2Cbor};

}  // namespace

constinit const Service service{
    .name = "cloudwatch",
    .signing_name = "monitoring",
    .target_prefix = "GraniteServiceVersion20100801",
    .api_version = "2010-08-01",
    .xml_namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/",
    .protocols = protocols,
    .operations = operations,
    .errors = {.missing_parameter = &MissingRequiredParameterException, .malformed = &InvalidParameterValueException},
    .title = "CloudWatch",
    .quotas = quotas::rows};

}  // namespace surgetank::cloudwatch
