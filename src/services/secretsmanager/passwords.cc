#include <algorithm>

#include "kernel/ports.h"
#include "kernel/validation.h"
#include "kernel/vault.h"
#include "services/secretsmanager/errors.h"
#include "services/secretsmanager/operations.h"

namespace surgetank::secretsmanager {
namespace {

constexpr std::int64_t default_length = 32;
constexpr std::int64_t longest = 4096;

// Uniform in [0, n) from strong bytes; rejection keeps it unbiased. n <= 65536.
std::size_t strong_below(Entropy& entropy, std::size_t n) {
  const std::size_t bound = 65536 / n * n;
  for (;;) {
    const auto two = entropy.bytes(2);
    const auto value = static_cast<std::size_t>(static_cast<unsigned char>(two[0]) << 8 | static_cast<unsigned char>(two[1]));
    if (value < bound) return value % n;
  }
}

std::vector<std::string> included_types(const GetRandomPasswordRequest& request) {
  std::vector<std::string> types;
  const auto include = [&](bool wanted, std::string_view characters) {
    std::string kept;
    for (const char c : characters)
      if (request.ExcludeCharacters.value_or("").find(c) == std::string::npos) kept += c;
    if (wanted && !kept.empty()) types.push_back(kept);
  };
  include(!request.ExcludeLowercase.value_or(false), "abcdefghijklmnopqrstuvwxyz");
  include(!request.ExcludeUppercase.value_or(false), "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  include(!request.ExcludeNumbers.value_or(false), "0123456789");
  include(!request.ExcludePunctuation.value_or(false), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");
  include(request.IncludeSpace.value_or(false), " ");
  return types;
}

}  // namespace

Result<GetRandomPasswordResponse> get_random_password(Call& call, const GetRandomPasswordRequest& request) {
  SURGE_CHECK(Validation().range("passwordLength", request.PasswordLength, 1, longest).finish(ValidationException));
  const auto length = static_cast<std::size_t>(request.PasswordLength.value_or(default_length));
  const auto types = included_types(request);
  const bool each = request.RequireEachIncludedType.value_or(true);
  if (types.empty() || (each && length < types.size()))
    return Error{&InvalidParameterException, "Password length is too short based on the required types."};
  auto& entropy = *call.ports.entropy;
  std::string all;
  for (const auto& type : types) all += type;
  std::string password;
  if (each)
    for (const auto& type : types) password += type[strong_below(entropy, type.size())];
  while (password.size() < length) password += all[strong_below(entropy, all.size())];
  for (std::size_t i = password.size() - 1; i > 0; --i) std::swap(password[i], password[strong_below(entropy, i + 1)]);
  return GetRandomPasswordResponse{password};
}

}  // namespace surgetank::secretsmanager
