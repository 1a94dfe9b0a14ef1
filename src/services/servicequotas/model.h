#pragma once
// Requests, replies and stored records of Service Quotas; members as in the AWS API reference.
#include "shape/shape.h"

namespace surgetank::servicequotas {

struct Period {
  Integer PeriodValue = 1;
  String PeriodUnit;
};
SURGE_SHAPE(Period, PeriodValue, PeriodUnit)
struct Quota {
  String ServiceCode;
  String ServiceName;
  String QuotaArn;
  String QuotaCode;
  String QuotaName;
  double Value = 0;
  String Unit;
  bool Adjustable = false;
  bool GlobalQuota = false;
  Opt<Period> Period_;
};
SURGE_SHAPE(Quota, ServiceCode, ServiceName, QuotaArn, QuotaCode, QuotaName, Value, Unit, Adjustable, GlobalQuota, Period_)
SURGE_BINDINGS(Quota, {.member = "Period_", .wire_name = "Period"})

struct ServiceInfo {
  String ServiceCode;
  String ServiceName;
};
SURGE_SHAPE(ServiceInfo, ServiceCode, ServiceName)
struct ListServicesRequest {
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListServicesRequest, MaxResults, NextToken)
struct ListServicesResponse {
  Opt<String> NextToken;
  List<ServiceInfo> Services;
};
SURGE_SHAPE(ListServicesResponse, NextToken, Services)

struct ListQuotasRequest {
  String ServiceCode;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListQuotasRequest, ServiceCode, MaxResults, NextToken)
struct ListQuotasResponse {
  Opt<String> NextToken;
  List<Quota> Quotas;
};
SURGE_SHAPE(ListQuotasResponse, NextToken, Quotas)
struct GetQuotaRequest {
  String ServiceCode;
  String QuotaCode;
};
SURGE_SHAPE(GetQuotaRequest, ServiceCode, QuotaCode)
struct GetQuotaResponse {
  Quota Quota_;
};
SURGE_SHAPE(GetQuotaResponse, Quota_)
SURGE_BINDINGS(GetQuotaResponse, {.member = "Quota_", .wire_name = "Quota"})

struct RequestIncreaseRequest {
  String ServiceCode;
  String QuotaCode;
  double DesiredValue = 0;
};
SURGE_SHAPE(RequestIncreaseRequest, ServiceCode, QuotaCode, DesiredValue)
struct RequestedQuota {
  String Id;
  String ServiceCode;
  String ServiceName;
  String QuotaCode;
  String QuotaName;
  double DesiredValue = 0;
  String Status;
  Instant Created;
  Instant LastUpdated;
  String Requester;
  String QuotaArn;
  bool GlobalQuota = false;
  String Unit;
};
SURGE_SHAPE(RequestedQuota, Id, ServiceCode, ServiceName, QuotaCode, QuotaName, DesiredValue, Status, Created, LastUpdated, Requester,
            QuotaArn, GlobalQuota, Unit)
struct RequestedQuotaResponse {
  RequestedQuota RequestedQuota_;
};
SURGE_SHAPE(RequestedQuotaResponse, RequestedQuota_)
SURGE_BINDINGS(RequestedQuotaResponse, {.member = "RequestedQuota_", .wire_name = "RequestedQuota"})
struct GetRequestedChangeRequest {
  String RequestId;
};
SURGE_SHAPE(GetRequestedChangeRequest, RequestId)
struct ListRequestedChangesRequest {
  Opt<String> ServiceCode;
  Opt<String> Status;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListRequestedChangesRequest, ServiceCode, Status, MaxResults, NextToken)
struct ListRequestedChangesByQuotaRequest {
  String ServiceCode;
  String QuotaCode;
  Opt<String> Status;
  Opt<Integer> MaxResults;
  Opt<String> NextToken;
};
SURGE_SHAPE(ListRequestedChangesByQuotaRequest, ServiceCode, QuotaCode, Status, MaxResults, NextToken)
struct ListRequestedChangesResponse {
  Opt<String> NextToken;
  Opt<List<RequestedQuota>> RequestedQuotas;
};
SURGE_SHAPE(ListRequestedChangesResponse, NextToken, RequestedQuotas)

// --- inside the platform: what `surgetank quotas` changes ------------------------------------------------------------
struct SetQuotaRequest {
  String Id;  // of the registry: "lambda.concurrent-executions"
  Integer Value = 0;
};
SURGE_SHAPE(SetQuotaRequest, Id, Value)
struct ResetQuotaRequest {
  Opt<String> Id;  // absent: all
};
SURGE_SHAPE(ResetQuotaRequest, Id)
struct UseProfileRequest {
  String Name;
};
SURGE_SHAPE(UseProfileRequest, Name)

struct ValueRecord {
  String Id;
  Integer Value = 0;
};
SURGE_SHAPE(ValueRecord, Id, Value)
struct ProfileRecord {
  String Name;
};
SURGE_SHAPE(ProfileRecord, Name)

}  // namespace surgetank::servicequotas
