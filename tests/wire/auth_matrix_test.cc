// Operation x protocol x authentication, generated from the operation tables: a new operation is covered without a line here.
#include <gtest/gtest.h>

#include "app/services.h"
#include "base/text.h"
#include "cbor_json.h"
#include "kernel/test_door.h"

namespace surgetank::wiretest {
namespace {

struct Wire {
  std::string method;
  std::string target;
  HeaderPairs headers;
  std::string body;
};

std::string filled_in(std::string_view uri) {
  std::string out;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    if (uri[i] != '{') {
      out += uri[i];
      continue;
    }
    out += "x";
    i = uri.find('}', i);
  }
  return out;
}

// The emptiest request that names the operation.
Wire request_for(const Service& service, const Operation& operation, Protocol protocol) {
  const std::string name(operation.name);
  const std::string prefix(service.target_prefix);
  const std::string type(content_type_of(protocol));
  switch (protocol) {
    case Protocol::Json10:
    case Protocol::Json11:
      return {"POST", "/", {{"X-Amz-Target", prefix + "." + name}, {"Content-Type", type}}, "{}"};
    case Protocol::RpcV2Cbor:
      return {"POST", "/service/" + prefix + "/operation/" + name, {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", type}}, ""};
    case Protocol::Query:
      return {"POST",
              "/",
              {{"Content-Type", "application/x-www-form-urlencoded"}},
              "Action=" + name + "&Version=" + std::string(service.api_version)};
    case Protocol::RestJson:
      return {std::string(operation.method), filled_in(operation.uri), {{"Content-Type", type}}, operation.method == "GET" ? "" : "{}"};
  }
  return {};
}

// The error code as a client of the protocol reads it; "" for none.
std::string code_of(const HttpResponse& response, Protocol protocol) {
  if (response.status < 300) return {};
  if (protocol == Protocol::RestJson) return header_of(response, "x-amzn-errortype");
  if (protocol == Protocol::Query) {
    const auto begin = response.body.find("<Code>");
    const auto end = response.body.find("</Code>");
    return begin == std::string::npos || end == std::string::npos ? "no code" : response.body.substr(begin + 6, end - begin - 6);
  }
  const auto body = protocol == Protocol::RpcV2Cbor ? json_of_cbor(response.body) : *parse_json(response.body);
  const auto* type = body.find_string("__type");
  return type == nullptr ? "no code" : type->substr(type->find('#') + 1);  // clients drop the namespace
}

struct Expected {
  std::string json;
  std::string query;
};
struct Sender {
  std::string name;
  std::optional<TestSigning> signing;
  Expected expected;
  std::string message;  // part of it
};

std::vector<Sender> refused_senders(const Service& service) {
  const std::string own(service.signing_name);
  const std::string other = own == "sqs" ? "sns" : "sqs";
  const Expected bad_signature{"InvalidSignatureException", "SignatureDoesNotMatch"};
  return {
      {"nobody", std::nullopt, {"MissingAuthenticationTokenException", "MissingAuthenticationToken"}, ""},
      {"an unknown key",
       TestSigning{.service = own, .access_key_id = "AKIAIOSFODNN7EXAMPLE"},
       {"UnrecognizedClientException", "InvalidClientTokenId"},
       "The security token included in the request is invalid."},
      {"a wrong secret", TestSigning{.service = own, .secret_access_key = "tset"}, bad_signature,
       "The request signature we calculated does not match"},
      {"another service's scope", TestSigning{.service = other}, bad_signature,
       "Credential should be scoped to correct service: '" + own + "'."},
      {"a clock an hour late", TestSigning{.service = own, .clock_error = minutes(-60)}, bad_signature, "Signature expired"},
  };
}

class AuthMatrix : public testing::Test {
 protected:
  AuthMatrix() : door_(all_services()) {
    for (const auto& use : door_.world.quotas.use(door_.now()))
      if (use.row->algorithm == QuotaAlgorithm::TokenBucket) door_.world.quotas.set(*use.row, Quotas::unlimited);
  }

  HttpResponse send(const Wire& wire, const std::optional<TestSigning>& signing) {
    if (!signing) return door_.send(plain_request(wire.method, wire.target, wire.headers, wire.body, door_.now()));
    return door_.send_signed(wire.method, wire.target, wire.headers, wire.body, *signing);
  }

  std::string last_span() const {
    const auto traces = door_.world.telemetry.last_traces(1);
    return traces.empty() ? "none" : traces.back().back().name;
  }

  void check(const Service& service, const Operation& operation, Protocol protocol) {
    const auto wire = request_for(service, operation, protocol);
    SCOPED_TRACE(std::string(service.name) + "." + std::string(operation.name) + " over " + std::string(content_type_of(protocol)));
    for (const auto& sender : refused_senders(service)) {
      const auto response = send(wire, sender.signing);
      EXPECT_EQ(code_of(response, protocol), protocol == Protocol::Query ? sender.expected.query : sender.expected.json) << sender.name;
      const bool json = protocol == Protocol::Json10 || protocol == Protocol::Json11 || protocol == Protocol::RpcV2Cbor;
      EXPECT_EQ(response.status, json ? 400 : 403) << sender.name;
      EXPECT_TRUE(contains(replace_all(response.body, "&apos;", "'"), sender.message)) << sender.name << ": " << response.body;
    }
    const auto response = send(wire, TestSigning{.service = std::string(service.signing_name)});
    const auto code = code_of(response, protocol);
    for (const auto& sender : refused_senders(service)) {
      EXPECT_NE(code, sender.expected.json);
      EXPECT_NE(code, sender.expected.query);
    }
    EXPECT_NE(response.status, -1) << "no answer";
    EXPECT_NE(response.status, 500) << response.body;
    const auto title = service.title.empty() ? service.name : service.title;
    EXPECT_EQ(last_span(), std::string(title) + "." + std::string(operation.name)) << "the request reached another operation";
  }

  TestDoor door_;
};

TEST_F(AuthMatrix, OnlyTheRightSignatureOpensAnOperation) {
  std::size_t checked = 0;
  for (const auto* service : all_services()) {
    for (const auto& operation : service->operations) {
      if (operation.access == Access::Internal) continue;
      for (const auto protocol : service->protocols) {
        check(*service, operation, protocol);
        ++checked;
        door_.world.advance(milliseconds(1));
      }
    }
  }
  EXPECT_GE(checked, all_services().size());
}

TEST_F(AuthMatrix, InternalOperationsAreUnknownToEverybody) {
  for (const auto* service : all_services()) {
    for (const auto& operation : service->operations) {
      if (operation.access != Access::Internal) continue;
      for (const auto protocol : service->protocols) {
        if (protocol == Protocol::RestJson && operation.method.empty()) continue;
        const auto code =
            code_of(send(request_for(*service, operation, protocol), TestSigning{.service = std::string(service->signing_name)}), protocol);
        EXPECT_EQ(code, protocol == Protocol::Query ? "InvalidAction" : "UnknownOperationException")
            << service->name << "." << operation.name;
      }
    }
  }
}

}  // namespace
}  // namespace surgetank::wiretest
