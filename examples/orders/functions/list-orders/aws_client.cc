#include "aws_client.h"

#include <curl/curl.h>

#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

namespace json = boost::json;

constexpr std::size_t max_answer_bytes = 1024 * 1024;

std::string required(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') throw AwsError(std::string(name) + " is not set");
  return value;
}

std::string optional(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A curl_write_callback; taking fewer bytes than offered makes curl give up.
std::size_t append_answer(char* bytes, std::size_t size, std::size_t count, void* answer) {
  auto& text = *static_cast<std::string*>(answer);
  if (size * count > max_answer_bytes - text.size()) return 0;
  text.append(bytes, size * count);
  return size * count;
}

struct HeaderList {
  curl_slist* first = nullptr;
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  ~HeaderList() { curl_slist_free_all(first); }
  void add(std::string_view name, std::string_view value) {
    curl_slist* longer = curl_slist_append(first, (std::string(name) + ": " + std::string(value)).c_str());
    if (longer == nullptr) throw std::bad_alloc();
    first = longer;
  }
};

std::string form_encoded(const std::string& text) {
  char* escaped = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  const std::unique_ptr<char, decltype(&curl_free)> encoded(escaped, &curl_free);
  if (!encoded) throw std::bad_alloc();
  return encoded.get();
}

}  // namespace

AwsClient::AwsClient()
    : region_(required("AWS_REGION")),
      credentials_(required("AWS_ACCESS_KEY_ID") + ":" + required("AWS_SECRET_ACCESS_KEY")),
      session_token_(optional("AWS_SESSION_TOKEN")),
      endpoint_url_(optional("AWS_ENDPOINT_URL")) {}

AwsClient::DatabaseCredentials AwsClient::get_database_credentials(const std::string& secret_id, const std::string& trace_id) const {
  const std::string body = json::serialize(json::object{{"SecretId", secret_id}});
  const std::string answer = send({"secretsmanager", "application/x-amz-json-1.1", "secretsmanager.GetSecretValue", trace_id, body});
  const json::value secret = json::parse(json::parse(answer).at("SecretString").as_string());
  return {std::string(secret.at("username").as_string()), std::string(secret.at("password").as_string())};
}

void AwsClient::count_request(const std::string& metrics_namespace, const std::string& operation, double duration_ms,
                              const std::string& trace_id) const {
  std::string body = "Action=PutMetricData&Version=2010-08-01&Namespace=" + form_encoded(metrics_namespace);
  const auto add = [&](int number, const char* name, const char* unit, const std::string& value) {
    const std::string member = "&MetricData.member." + std::to_string(number) + ".";
    body += member + "MetricName=" + name + member + "Unit=" + unit + member + "Value=" + value;
    body += member + "Dimensions.member.1.Name=Operation" + member + "Dimensions.member.1.Value=" + form_encoded(operation);
  };
  add(1, "Requests", "Count", "1");
  add(2, "Duration", "Milliseconds", std::to_string(duration_ms));
  send({"monitoring", "application/x-www-form-urlencoded; charset=utf-8", "", trace_id, body});
}

std::string AwsClient::send(const Call& call) const {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> request(curl_easy_init(), &curl_easy_cleanup);
  if (!request) throw AwsError("curl_easy_init failed");
  const std::string service(call.service);
  const std::string url = endpoint_url_.empty() ? "https://" + service + "." + region_ + ".amazonaws.com/" : endpoint_url_;
  const std::string signing = "aws:amz:" + region_ + ":" + service;
  HeaderList headers;
  headers.add("Content-Type", call.content_type);
  if (!call.target.empty()) headers.add("X-Amz-Target", call.target);
  if (!session_token_.empty()) headers.add("X-Amz-Security-Token", session_token_);
  if (!call.trace_id.empty()) headers.add("X-Amzn-Trace-Id", call.trace_id);
  std::string answer;
  char problem[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(request.get(), CURLOPT_AWS_SIGV4, signing.c_str());
  curl_easy_setopt(request.get(), CURLOPT_USERPWD, credentials_.c_str());
  curl_easy_setopt(request.get(), CURLOPT_HTTPHEADER, headers.first);
  curl_easy_setopt(request.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
  curl_easy_setopt(request.get(), CURLOPT_POSTFIELDS, call.body.c_str());
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, append_answer);
  curl_easy_setopt(request.get(), CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(request.get(), CURLOPT_ERRORBUFFER, problem);
  curl_easy_setopt(request.get(), CURLOPT_NOSIGNAL, 1L);
  const CURLcode result = curl_easy_perform(request.get());
  if (result != CURLE_OK) throw AwsError(service + ": " + (problem[0] != '\0' ? problem : curl_easy_strerror(result)));
  long status = 0;
  curl_easy_getinfo(request.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) throw AwsError(service + " answered " + std::to_string(status) + ": " + answer);
  return answer;
}
