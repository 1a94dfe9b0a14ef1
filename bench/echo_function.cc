// The function that invocation benchmarks run: answers at once with an HTTP API's response, through our C++ library.
#include <surgetank/lambda.h>

int main() {
  return surgetank::run_handler([](const surgetank::invocation_request&) {
    return surgetank::invocation_response::success(R"({"statusCode":200,"body":"hello, world\n"})");
  });
}
