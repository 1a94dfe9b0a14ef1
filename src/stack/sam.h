#pragma once
// The AWS::Serverless-2016-10-31 transform: AWS::Serverless::* resources of a template become plain resources, with the logical
// ids that SAM generates (FRole, F<Event>Permission, ServerlessHttpApiApiGatewayDefaultStage ...). Pure: one tree in, one tree out.
// Behaviour: SAM specification and the generated ids of serverless-application-model.
//
// One difference: SAM writes routes into the OpenAPI Body of the HTTP API; here every route and integration is a resource of its own
// (<Api>PostOrdersRoute, <Api><Function>Integration), so that a deployment shows and changes them one by one.
//
// What is known to SAM but not supported is a problem that names it. Only parameters, conditions and pseudo parameters have values
// while transforming; everything else moves as written.
#include "stack/intrinsics.h"

namespace surgetank::stack {

inline constexpr std::string_view sam_transform = "AWS::Serverless-2016-10-31";
inline constexpr std::string_view implicit_http_api = "ServerlessHttpApi";

// Replaces Resources (and adds to Conditions) of `root`; Globals is gone afterwards.
void transform_sam(Node& root, const EvaluationContext& context, Problems& problems);

}  // namespace surgetank::stack
