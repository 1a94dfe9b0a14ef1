#include "wire/sigv4_canonical.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"

namespace surgetank::wire {
namespace {

// Without dot segments and repeated slashes.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const auto segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out = "/";
  for (const auto segment : kept) {
    out += segment;
    out += '/';
  }
  if (!kept.empty() && !path.ends_with('/')) out.pop_back();
  return out;
}

// Clients encode differently what they send and what they sign; decoded and encoded again, both are the same. What is no escape
// stays as it is.
std::string reencoded(std::string_view text, PlusMeaning plus, std::string_view keep = {}) {
  const auto decoded = percent_decode(text, plus);
  return percent_encode(decoded ? std::string_view(*decoded) : text, keep);
}

}  // namespace

void append_canonical_path(std::string& out, std::string_view path, SigningStyle style) {
  if (path.empty() || path == "/") {
    out += '/';
  } else if (style == SigningStyle::S3) {
    out += reencoded(path, PlusMeaning::Plus, "/");
  } else {
    out += percent_encode(normalized(path), "/");
  }
}

void append_canonical_query(std::string& out, std::string_view query, TokenPlace token) {
  if (query.empty()) return;
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const auto part : split(query, '&')) {
    if (part.empty()) continue;
    const auto equals = std::min(part.find('='), part.size());
    auto name = reencoded(part.substr(0, equals), PlusMeaning::Space);
    if (name == "X-Amz-Signature" || (token == TokenPlace::AddedLater && name == "X-Amz-Security-Token")) continue;
    parameters.emplace_back(std::move(name), reencoded(part.substr(std::min(equals + 1, part.size())), PlusMeaning::Space));
  }
  std::sort(parameters.begin(), parameters.end());
  const char* separator = "";
  for (const auto& [name, value] : parameters) {
    out += separator;
    out += name;
    out += '=';
    out += value;
    separator = "&";
  }
}

void append_canonical_header(std::string& out, HeaderViews headers, std::string_view name) {
  out += name;
  out += ':';
  bool first = true;
  for (const auto& header : headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (!first) out += ',';
    first = false;
    const auto value = trim(header.value);
    if (value.find("  ") == std::string_view::npos) {
      out += value;
      continue;
    }
    for (std::size_t i = 0; i < value.size(); ++i)
      if (value[i] != ' ' || value[i - 1] != ' ') out += value[i];  // trimmed: a space has a character before it
  }
  out += '\n';
}

void build_canonical_request(const CanonicalRequest& canonical, std::string& out) {
  const auto& request = canonical.request;
  out.clear();
  out += request.method;
  out += '\n';
  append_canonical_path(out, request.path, canonical.style);
  out += '\n';
  append_canonical_query(out, request.query, canonical.token);
  out += '\n';
  std::string_view names = canonical.signed_headers;
  while (!names.empty()) {
    const auto end = std::min(names.find(';'), names.size());
    append_canonical_header(out, request.headers, names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  out += '\n';
  out += canonical.signed_headers;
  out += '\n';
  out += canonical.payload_hash;
}

void build_string_to_sign(std::string_view timestamp, const Scope& scope, std::string_view canonical_request, std::string& out) {
  out.clear();
  out += signature_algorithm;
  out += '\n';
  out += timestamp;
  out += '\n';
  for (const auto part : {scope.date, scope.region, scope.service}) {
    out += part;
    out += '/';
  }
  out += signature_terminator;
  out += '\n';
  append_hex(out, sha256(canonical_request));
}

HmacSha256Key derive_signing_key(std::string_view secret_access_key, const Scope& scope) {
  auto key = hmac_sha256("AWS4" + std::string(secret_access_key), scope.date);
  key = hmac_sha256(as_bytes(key), scope.region);
  key = hmac_sha256(as_bytes(key), scope.service);
  key = hmac_sha256(as_bytes(key), signature_terminator);
  return HmacSha256Key(as_bytes(key));
}

std::optional<std::string> find_query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(part.find('='), part.size());
    const auto decoded_name = percent_decode(part.substr(0, equals), PlusMeaning::Space);
    if (decoded_name == name) return percent_decode(part.substr(std::min(equals + 1, part.size())), PlusMeaning::Space);
  }
  return std::nullopt;
}

bool contains_signed_header(std::string_view signed_headers, std::string_view name) {
  while (!signed_headers.empty()) {
    const auto end = std::min(signed_headers.find(';'), signed_headers.size());
    if (equals_ignoring_case(signed_headers.substr(0, end), name)) return true;
    signed_headers.remove_prefix(std::min(end + 1, signed_headers.size()));
  }
  return false;
}

}  // namespace surgetank::wire
