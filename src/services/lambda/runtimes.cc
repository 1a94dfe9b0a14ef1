#include "services/lambda/runtimes.h"

#include <algorithm>

namespace surgetank::lambda {
namespace {

// Deprecated ones that many applications still name are accepted: nothing here patches them, and so nothing ends.
constexpr std::string_view accepted[] = {
    "nodejs24.x", "nodejs22.x", "nodejs20.x", "nodejs18.x", "nodejs16.x", "python3.14",      "python3.13",  "python3.12", "python3.11",
    "python3.10", "python3.9",  "python3.8",  "java25",     "java21",     "java17",          "java11",      "java8.al2",  "dotnet10",
    "dotnet8",    "dotnet6",    "ruby3.4",    "ruby3.3",    "ruby3.2",    "provided.al2023", "provided.al2"};
constexpr std::string_view retired[] = {"nodejs",        "nodejs4.3",     "nodejs4.3-edge", "nodejs6.10",    "nodejs8.10", "nodejs10.x",
                                        "nodejs12.x",    "nodejs14.x",    "python2.7",      "python3.6",     "python3.7",  "java8",
                                        "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1",  "dotnetcore3.1", "dotnet5.0",  "dotnet7",
                                        "go1.x",         "ruby2.5",       "ruby2.7",        "provided"};

}  // namespace

RuntimeStanding standing_of(std::string_view runtime) {
  if (std::find(std::begin(accepted), std::end(accepted), runtime) != std::end(accepted)) return RuntimeStanding::Accepted;
  if (std::find(std::begin(retired), std::end(retired), runtime) != std::end(retired)) return RuntimeStanding::Retired;
  return RuntimeStanding::Unknown;
}

std::string accepted_runtimes() {
  std::string text = "[";
  for (const auto runtime : accepted) text.append(text.size() == 1 ? "" : ", ").append(runtime);
  return text + "]";
}

}  // namespace surgetank::lambda
