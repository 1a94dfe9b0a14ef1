#pragma once
// GetFunction's Code.Location: a URL of this server under which the package can be fetched for ten minutes, without a signature.
// What stands in for the signature is a ticket sealed by the server's vault: package and expiry, nothing to guess.
//   <base_url>/_surgetank/lambda/code/<name>?ticket=<hexadecimal>
#include <string_view>

#include "kernel/operation.h"
#include "services/lambda/model.h"
#include "services/lambda/records.h"

namespace surgetank::lambda {

// A local folder has no package and so no URL.
FunctionCodeLocation code_location(const Call& call, const CodeRecord& code);

bool claims_code_download(std::string_view host, std::string_view path);
// On the connection's loop; the package is read by Ports::background. Refusals are worded as S3 words them: that is where AWS's URL leads.
void serve_code_download(ServiceContext& context, HttpRequest request, HttpReply reply);

}  // namespace surgetank::lambda
