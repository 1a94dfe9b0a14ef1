#pragma once
// Plays transcripts against a server inside the process: real front door and services, memory store, virtual time, scripted ports
// (kernel/test_door.h). One runner per file; one thread.
#include <memory>
#include <string>
#include <vector>

#include "kernel/test_door.h"
#include "transcript.h"
#include "wildcards.h"

namespace surgetank::wiretest {

class TranscriptRunner {
 public:
  // `folder` is where the file lies: its last part names the service, and <file: name> is looked for in it.
  TranscriptRunner(const std::vector<const Service*>& services, std::string folder);
  ~TranscriptRunner();

  // Throws std::runtime_error with title, line and both sides if the answer is not the expected one.
  void play(const TranscriptExchange& exchange);

 private:
  void obey(const Directive& directive);
  void script_functions(const std::string& how);
  HttpRequest request_of(const TranscriptExchange& exchange);
  HttpRequest call_request(const TranscriptExchange& exchange, TranscriptHeaders headers, std::string body);
  std::string body_bytes(std::string text) const;
  HttpRequest finished(std::string_view method, std::string_view target, TranscriptHeaders headers, std::string body);
  void check(const TranscriptExchange& exchange, const HttpResponse& response);
  void check_body(const std::string& expected, const HttpResponse& response);

  std::string folder_;
  TestDoor door_;
  std::vector<const Service*> services_;
  const Service* service_ = nullptr;
  TestSigning signing_;
  bool unsigned_next_ = false;
  std::string peer_address_ = "127.0.0.1";
  std::string scope_next_;
  Captures captures_;
};

}  // namespace surgetank::wiretest
