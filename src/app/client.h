#pragma once
// How the command line talks to a running server: its own interface with the administration token, AWS APIs signed like any client.
// Finds the server by its data directory. Blocking; one thread. Throws CommandError with a text for the user.
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/data_files.h"
#include "kernel/http_client.h"

namespace surgetank {

// Ends a command with exit code 1 and its text on standard error.
class CommandError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ServerClient {
 public:
  // Throws if no server runs on that data directory.
  explicit ServerClient(const std::string& data_directory);

  const std::string& url() const { return server_.url; }
  std::int64_t pid() const { return server_.pid; }

  // /_surgetank/...; any status below 300 is fine, everything else a CommandError with the server's message.
  std::string admin(std::string_view method, std::string_view path, std::string body = {}) const;
  HttpClientResult admin_result(std::string_view method, std::string_view path, std::string body = {}) const;

  struct ApiCall {
    std::string service;
    std::string region = "us-east-1";
    std::string method = "POST";
    std::string path = "/";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
  };
  // Signed with test/test. The result as it came; a failure to connect is a CommandError.
  HttpClientResult api(const ApiCall& call) const;
  // An AWS JSON 1.1 operation; the reply's body, or a CommandError "Code: message".
  std::string json_api(const std::string& service, const std::string& region, const std::string& target, const std::string& body) const;

 private:
  RunningServer server_;
};

// $SURGETANK_DATA, else .surgetank in the working directory.
std::string default_data_directory();

}  // namespace surgetank
