#pragma once
// One request of a plan, prepared: its texts compiled, its constant bytes laid out, so that a request on its way costs no more than a copy
// of bytes and its changing parts. AWS calls (Invoke, SendMessage) are signed anew for each request. write() appends the whole HTTP
// request, or for WebSockets the message. Immutable after make(); one thread renders at a time (the Random is the caller's).
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_url.h"
#include "windtunnel/load/load_plan.h"
#include "windtunnel/load/payload_template.h"

namespace surgetank::windtunnel {

inline constexpr ErrorCode invalid_request{"InvalidRequest"};

// The trace root that request `n` of a run has: "1-<8 hex: begin>-<10 hex: run><14 hex: n>".
class TraceRoots {
 public:
  TraceRoots(Instant begin, std::uint64_t run);
  void append(std::uint64_t n, std::string& out) const;
  // The request that has this root; nullopt: none of this run.
  std::optional<std::uint64_t> number_of(std::string_view root) const;

 private:
  std::string prefix_;
};

class RequestMaker {
 public:
  static Result<RequestMaker> make(const RequestPlan& request, const LoadPlan& plan);

  struct Details {
    RenderContext& context;
    const TraceRoots& traces;
  };
  void write(const Details& details, std::string& out) const;
  // What opens a WebSocket.
  void write_upgrade(std::string_view key, const Details& details, std::string& out) const;

  const RequestPlan& plan() const { return plan_; }
  const HttpUrl& url() const { return url_; }  // where to connect to
  bool is_expected(int status) const;
  bool is_head() const { return plan_.method == "HEAD"; }

 private:
  Result<Unit> prepare_url(const CsvTable* csv);
  Result<Unit> prepare_aws(const LoadPlan& plan);
  Result<Unit> prepare_headers(const CsvTable* csv);
  void write_http(const Details& details, std::string& out) const;
  void write_signed(const Details& details, std::string& out) const;
  void write_head(const Details& details, std::string& out) const;

  RequestPlan plan_;
  HttpUrl url_;
  PayloadTemplate target_;
  std::vector<std::pair<std::string, PayloadTemplate>> headers_;
  PayloadTemplate body_;
  std::string before_trace_;  // of a request without places: all up to the trace root
  std::string after_trace_;   // and all behind it
  std::string region_;
  std::string access_key_id_;
  std::string secret_access_key_;
  std::string queue_url_;
};

}  // namespace surgetank::windtunnel
