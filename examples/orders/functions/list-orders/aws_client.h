#pragma once
// The two AWS calls this function makes, by libcurl, which signs them (SigV4).
//
// What it is   GetSecretValue (Secrets Manager, awsJson1_1) and PutMetricData (CloudWatch, query protocol).
// Who owns it  main; one thread. curl_global_init must have been called.
// What fails   A call that is not answered with 200: throws AwsError with the status and what the service said.
#include <stdexcept>
#include <string>
#include <string_view>

struct AwsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class AwsClient {
 public:
  // Region, credentials and AWS_ENDPOINT_URL (if not the real AWS) from the environment; throws AwsError if one is missing.
  AwsClient();

  // The members username and password of the secret's JSON.
  struct DatabaseCredentials {
    std::string username;
    std::string password;
  };
  DatabaseCredentials get_database_credentials(const std::string& secret_id, const std::string& trace_id) const;

  // One count of Requests and one Duration with the dimension Operation.
  void count_request(const std::string& metrics_namespace, const std::string& operation, double duration_ms,
                     const std::string& trace_id) const;

 private:
  struct Call {
    std::string_view service;  // endpoint prefix and signing name
    std::string_view content_type;
    std::string_view target;  // X-Amz-Target; empty for the query protocol
    std::string_view trace_id;
    const std::string& body;
  };
  std::string send(const Call& call) const;

  std::string region_;
  std::string credentials_;    // "access key id:secret access key"
  std::string session_token_;  // may be empty
  std::string endpoint_url_;   // may be empty: the real AWS
};
