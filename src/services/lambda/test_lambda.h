#pragma once
// What the tests of Lambda share: a world with the service in it and requests in short. Not linked into the server.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "kernel/test_world.h"
#include "services/lambda/service.h"
#include "wire/json_value.h"

namespace surgetank::lambda {

// SHA-256 of nothing, as a folder's hash.
inline constexpr std::string_view some_hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
inline constexpr std::string_view other_hash = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
inline constexpr std::string_view orders_arn = "arn:aws:lambda:us-east-1:000000000000:function:orders";

struct LambdaTest : testing::Test {
  TestWorld world{{&service}};

  std::string call(std::string_view operation, const std::string& input) { return world.call("lambda", operation, input); }

  // A function whose code is a local folder; `more` are further members: R"(,"Timeout":5)".
  std::string create(const std::string& name = "orders", const std::string& more = "") {
    return call("CreateFunction", creation(name, more));
  }
  static std::string creation(const std::string& name, const std::string& more) {
    std::string input = R"({"FunctionName":")" + name + R"(","Role":"arn:aws:iam::000000000000:role/r","Code":)" + folder();
    if (more.find("\"Runtime\"") == std::string::npos) input += R"(,"Runtime":"nodejs20.x")";
    if (more.find("\"Handler\"") == std::string::npos) input += R"(,"Handler":"index.handler")";
    return input + more + "}";
  }
  static std::string folder(std::string_view hash = some_hash) {
    return R"({"LocalPath":"/srv/orders","LocalHash":")" + std::string(hash) + R"(","LocalSize":12})";
  }
  static JsonValue parsed(const std::string& reply) {
    auto value = parse_json(reply);
    return value.ok() ? std::move(*value) : JsonValue();
  }
  // A text or number at the top of a JSON reply; "" if it is not there.
  static std::string member(const std::string& reply, std::string_view name) {
    const auto value = parsed(reply);
    const auto* found = value.find(name);
    if (found == nullptr) return {};
    return found->is_string() ? *found->as_string() : to_json(*found);
  }
  static Caller client(const std::string& account = "000000000000") {
    Caller caller = service_caller(account, "us-east-1", "arn:aws:iam::" + account + ":root");
    caller.kind = Caller::Kind::Client;
    return caller;
  }
};

}  // namespace surgetank::lambda
