#pragma once
// The server's own HTTP interface, /_surgetank/...: a table of routes, registered by whoever owns what they show. Not AWS's.
// A route needs "Authorization: Bearer <admin token>" (compared in constant time) unless it is public. GET routes answer HEAD
// too. Answers that this table makes itself are JSON: {"message":".."} with 401, 403, 404 or 405.
//
// Immutable after construction; handlers are called on the connection's loop, concurrently.
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "kernel/http.h"

namespace surgetank {

struct AdminRoute {
  enum class Access : std::uint8_t { Token, Public };
  std::string method;
  std::string path;  // "/_surgetank/traces"; "/_surgetank/console/*" takes everything below
  Access access = Access::Token;
  std::function<void(HttpRequest, HttpReply)> handler;
};

class AdminHttp {
 public:
  // An empty token lets nobody in but to public routes.
  AdminHttp(Secret<std::string> token, std::vector<AdminRoute> routes);
  static bool claims(std::string_view path);
  void serve(HttpRequest request, HttpReply reply) const;

 private:
  bool authorized(const HttpRequest& request) const;

  Secret<std::string> token_;
  std::vector<AdminRoute> routes_;
};

// {"message": text}
HttpResponse json_message(int status, std::string_view text);

struct HealthSource {
  std::string version;
  std::vector<std::string> services;
  std::function<Duration()> uptime;  // any thread
};
// GET /_surgetank/health, and GET /_localstack/health for tools that wait for that one.
std::vector<AdminRoute> health_routes(HealthSource source);

}  // namespace surgetank
