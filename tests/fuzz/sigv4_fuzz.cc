// Signatures: whatever the path, query and headers are, what our signer signs our verifier accepts, and nothing unsigned passes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/text.h"
#include "wire/sigv4.h"

using namespace surgetank;

namespace {

const Instant now{1'700'000'000'000'000};

// Where a header's value could not be: net/ refuses control characters and trims.
std::string header_value(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '-';
  return std::string(trim(out));
}

SignatureVerifier& verifier() {  // one for all inputs: its cache is large
  static SignatureVerifier instance;
  return instance;
}

Result<Secret<std::string>> find_secret(std::string_view, std::string_view) { return Secret<std::string>("secret"); }

void check_round_trip(SignedRequest request, const std::vector<HeaderView>& headers, SigningStyle style) {
  const SigningCredentials credentials{"AKID", Secret<std::string>("secret")};
  const SigningTarget target{"us-east-1", "service", now, style};
  const SignatureExpectation expectation{.service = "service", .now = now, .style = style, .payload = PayloadRule::MayBeUnsigned};
  request.headers = headers;
  if (claimed_scope(request) || contains(request.query, "X") || contains(request.query, "%")) return;  // may hold a signature of its own
  SURGE_ASSERT(!verifier().verify(request, expectation, find_secret).ok(), "unsigned");

  const auto added = sign_request(request, credentials, target);
  auto with_signature = headers;
  for (const auto& [name, value] : added) with_signature.push_back({name, value});
  auto sent = request;
  sent.headers = with_signature;
  SURGE_ASSERT(verifier().verify(sent, expectation, find_secret).ok(), "signed in a header");
  const std::string other_body = std::string(request.body) + "x";
  sent.body = other_body;
  SURGE_ASSERT(!verifier().verify(sent, expectation, find_secret).ok(), "signed for another body");

  const auto query = presign_query(request, credentials, target, minutes(1));
  sent = request;
  sent.query = query;
  SURGE_ASSERT(verifier().verify(sent, expectation, find_secret).ok(), "presigned");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  set_assert_policy(AssertPolicy::Abort);
  const auto parts = split({reinterpret_cast<const char*>(data), size}, '\n');
  const auto part = [&](std::size_t index) { return index < parts.size() ? parts[index] : std::string_view(); };
  const auto authorization = header_value(part(0));
  const auto value = header_value(part(1));
  const SignedRequest request{.method = "POST", .path = part(2), .query = part(3), .body = part(4)};

  const std::vector<HeaderView> claimed = {{"Host", "h"}, {"X-Amz-Date", "20231114T221320Z"}, {"Authorization", authorization}};
  auto attack = request;
  attack.headers = claimed;
  SURGE_ASSERT(!verifier().verify(attack, {.now = now}, find_secret).ok(), "nobody can guess a signature");

  const std::vector<HeaderView> headers = {{"Host", "h"}, {"X-Value", value}, {"x-value", authorization}};
  check_round_trip(request, headers, SigningStyle::Standard);
  check_round_trip(request, headers, SigningStyle::S3);
  return 0;
}
