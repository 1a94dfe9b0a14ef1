#include "app/services.h"

#if __has_include("services/secretsmanager/service.h")
#include "services/secretsmanager/service.h"
#define SURGE_HAS_SECRETSMANAGER
#endif
#if __has_include("services/iam/service.h")
#include "services/iam/service.h"
#define SURGE_HAS_IAM
#endif
#if __has_include("services/sts/service.h")
#include "services/sts/service.h"
#define SURGE_HAS_STS
#endif
#if __has_include("services/logs/service.h")
#include "services/logs/service.h"
#define SURGE_HAS_LOGS
#endif
#if __has_include("services/cloudwatch/service.h")
#include "services/cloudwatch/service.h"
#define SURGE_HAS_CLOUDWATCH
#endif
#if __has_include("services/rds/service.h")
#include "services/rds/service.h"
#define SURGE_HAS_RDS
#endif
#if __has_include("services/lambda/service.h")
#include "services/lambda/service.h"
#define SURGE_HAS_LAMBDA
#endif
#if __has_include("services/apigateway/service.h")
#include "services/apigateway/service.h"
#define SURGE_HAS_APIGATEWAY
#endif

namespace surgetank {

const std::vector<const Service*>& all_services() {
  static const std::vector<const Service*> services{
#ifdef SURGE_HAS_SECRETSMANAGER
      &secretsmanager::service,
#endif
#ifdef SURGE_HAS_IAM
      &iam::service,
#endif
#ifdef SURGE_HAS_STS
      &sts::service,
#endif
#ifdef SURGE_HAS_LOGS
      &logs::service,
#endif
#ifdef SURGE_HAS_CLOUDWATCH
      &cloudwatch::service,
#endif
#ifdef SURGE_HAS_RDS
      &rds::service,
#endif
#ifdef SURGE_HAS_LAMBDA
      &lambda::service,
#endif
#ifdef SURGE_HAS_APIGATEWAY
      &apigateway::service,
#endif
  };
  return services;
}

}  // namespace surgetank
