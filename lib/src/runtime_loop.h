#pragma once
// The life of a function process: fetch an invocation, call the handler, answer, again.
//
// What it is   The client half of the Lambda Runtime API, version 2018-06-01 (AWS Lambda developer guide).
// Who owns it  run_handler and report_init_failure, one for each call; the tests.
// What fails   run() and report_init_failure() return the exit status of the process and have written one line to stderr.
//              A connection that breaks is opened again and the request repeated (a frozen process wakes up to dead TCP
//              connections, and the platform recognises a repeated answer by its request id); after max_attempts in a
//              row without a reply it is given up.
#include <string>

#include "runtime_connection.h"
#include "surgetank/lambda.h"

namespace surgetank::function_runtime {

class RuntimeLoop {
 public:
  static constexpr int max_attempts = 3;
  // What AWS Lambda accepts as a synchronous response: 6 MiB and a little for the envelope.
  static constexpr std::size_t max_response_bytes = 6'291'556;

  explicit RuntimeLoop(RuntimeEndpoint endpoint);

  int run(const invocation_handler& handler);
  int report_init_failure(const std::string& error_message, const std::string& error_type);

 private:
  enum class Next { AlreadyAsked, NotAsked };
  enum class Step { GoOn, Stop };

  Step fetch(invocation_request& request);
  Step answer(const std::string& request_id, const invocation_response& response);
  // One POST with its reply; in the same write asks for the next invocation if the endpoint allows it.
  Step post(const std::string& path, const invocation_response& response, Next wanted_afterwards, Reply& reply);
  Step stop(const std::string& reason);
  Step read_invocation(Reply& reply, invocation_request& request);

  RuntimeConnection connection_;
  std::string next_request_;  // the bytes of GET .../invocation/next
  Next next_ = Next::NotAsked;
};

}  // namespace surgetank::function_runtime
