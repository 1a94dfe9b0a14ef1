#include "app/services.h"

#include "services/apigateway/service.h"
#include "services/cloudwatch/service.h"
#include "services/iam/service.h"
#include "services/lambda/service.h"
#include "services/logs/service.h"
#include "services/rds/service.h"
#include "services/secretsmanager/service.h"
#include "services/servicequotas/service.h"
#include "services/sqs/service.h"
#include "services/sts/service.h"
#include "stack/service.h"

namespace surgetank {

const std::vector<const Service*>& all_services() {
  static const std::vector<const Service*> services{
      &secretsmanager::service, &iam::service, &sts::service,    &logs::service,       &rds::service,
      &cloudwatch::service,     &sqs::service, &lambda::service, &apigateway::service, &servicequotas::service,
      &stack::service};
  return services;
}

}  // namespace surgetank
