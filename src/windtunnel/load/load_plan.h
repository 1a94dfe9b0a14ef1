#pragma once
// A whole load run as data: what is sent, when, and what has to come of it. Made from a YAML file (load_plan_file.h), from flags, or by
// a program. Plain values.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "windtunnel/load/csv.h"
#include "windtunnel/load/threshold.h"
#include "windtunnel/load/traffic.h"

namespace surgetank::windtunnel {

struct RequestPlan {
  enum class Kind : std::uint8_t { Http, WebSocket, Invoke, InvokeEvent, SendMessage };
  std::string name;
  Kind kind = Kind::Http;
  double weight = 1;  // share of the arrivals
  std::string method = "GET";
  std::string url = {};     // Http, WebSocket; places may stand behind the host
  std::string target = {};  // function name or ARN; queue name or URL
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};           // a template; a WebSocket's message
  std::vector<int> expected = {};  // statuses that are successes; empty: below 400
  Duration timeout = seconds(60);
};

struct LoadPlan {
  std::vector<RequestPlan> requests;
  Traffic traffic;
  std::vector<Threshold> thresholds = {};
  std::shared_ptr<const CsvTable> csv = {};
  Duration follow = seconds(60);    // how long asynchronous work is waited for after the last request
  std::size_t connections = 4096;   // open at the same time; requests beyond them wait, and the wait counts
  std::size_t waiting = 1'000'000;  // requests that may wait for a connection; more are not sent and count as failed
  std::string trust_file = {};      // certificates that are trusted beside the system's (PEM)
  enum class Certificates : std::uint8_t { Verified, Any } certificates = Certificates::Verified;  // of https and wss
  // Where Invoke and SendMessage go, and how they are signed.
  std::string endpoint = {};
  std::string region = "us-east-1";
  std::string access_key_id = "test";
  std::string secret_access_key = "test";
};

struct LoadLimits {
  static constexpr std::size_t requests = 100;
  static constexpr std::size_t headers = 100;
  static constexpr std::size_t thresholds = 100;
  static constexpr std::size_t connections = 60'000;
  static constexpr Duration timeout = minutes(30);
};

}  // namespace surgetank::windtunnel
