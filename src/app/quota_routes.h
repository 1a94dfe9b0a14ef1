#pragma once
// The quotas over the server's own HTTP interface: what is in force, what is used, and what changes it.
//
//   GET  /_surgetank/quotas   {"profile":"aws","quotas":[{"id","name","service","value","unit","scope","algorithm","adjustable","set",
//                             "default","now","peak","rejections"}]}; "value" null: unlimited
//   POST /_surgetank/quotas   {"action":"set","id":ID,"value":N} | {"action":"reset"[,"id":ID]} | {"action":"profile","name":NAME}
//                             | {"action":"forget-use"}: answers as GET does
//
// What is set is a record of the service servicequotas and so survives a restart.
#include <string>
#include <vector>

#include "kernel/admin_http.h"
#include "kernel/dispatcher.h"
#include "kernel/quotas.h"

namespace surgetank {

std::string quotas_json(const Quotas& quotas, Instant now);
std::vector<AdminRoute> quota_routes(Quotas& quotas, Dispatcher& dispatcher, std::string account, std::string region);

}  // namespace surgetank
