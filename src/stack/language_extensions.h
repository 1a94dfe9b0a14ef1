#pragma once
// The AWS::LanguageExtensions transform: Fn::ForEach loops of Resources, Conditions, Outputs and properties are written out, before
// everything else. Fn::Length, Fn::ToJsonString and the default of Fn::FindInMap are ordinary functions (intrinsics.h).
// Behaviour: CloudFormation user guide, "AWS::LanguageExtensions transform". Loops nest at most 5 deep; what is written out counts
// against TemplateLimits. Pure; one thread.
#include "stack/intrinsics.h"

namespace surgetank::stack {

// `Fn::ForEach::Name: [Identifier, [a, b], {"Key${Identifier}": body}]` becomes its members. The tree is changed in place.
void expand_loops(Node& root, const EvaluationContext& context, Problems& problems);

}  // namespace surgetank::stack
