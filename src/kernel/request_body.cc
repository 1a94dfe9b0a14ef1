#include "kernel/request_body.h"

#include <zlib.h>

#include <algorithm>

#include "base/text.h"

namespace surgetank {
namespace {

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool ready() const { return ready_; }
  z_stream stream{};

 private:
  bool ready_ = false;
};

Error damaged() { return {&body_errors::damaged, "The request body is not valid gzip data."}; }

}  // namespace

Error body_too_large(std::size_t limit_bytes) {
  return {&body_errors::too_large, "Request must be smaller than " + std::to_string(limit_bytes) + " bytes."};
}

Result<std::string> gunzip(std::string_view bytes, std::size_t limit_bytes) {
  constexpr std::size_t step = 64 * 1024;
  Inflater inflater;
  if (!inflater.ready()) return damaged();
  auto& stream = inflater.stream;
  // zlib's interface predates const.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size(), std::size_t{1} << 30));
  std::string out;
  for (;;) {
    const auto filled = out.size();
    out.resize(filled + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = step;
    const int state = inflate(&stream, Z_NO_FLUSH);
    out.resize(filled + step - stream.avail_out);
    if (out.size() > limit_bytes) return body_too_large(limit_bytes);
    if (state == Z_STREAM_END && stream.avail_in == 0) return out;
    if (state == Z_STREAM_END) {
      if (inflateReset(&stream) != Z_OK) return damaged();
      continue;
    }
    // Input that ends in the middle of a member makes no progress any more.
    if (state != Z_OK || (stream.avail_in == 0 && stream.avail_out > 0)) return damaged();
  }
}

Result<std::optional<std::string>> uncompressed_body(const HttpRequest& request, std::size_t limit_bytes) {
  if (request.body.size() > limit_bytes) return body_too_large(limit_bytes);
  const auto encoding = trim(request.header("content-encoding").value_or(""));
  if (encoding.empty() || equals_ignoring_case(encoding, "identity")) return std::optional<std::string>{};
  if (!equals_ignoring_case(encoding, "gzip")) {
    return Error{&body_errors::unsupported_encoding, "The content encoding " + std::string(encoding) + " is not supported; gzip is."};
  }
  if (request.body.empty()) return std::optional<std::string>{};
  auto plain = gunzip(request.body, limit_bytes);
  if (!plain.ok()) return std::move(plain.error());
  return std::optional<std::string>(std::move(*plain));
}

}  // namespace surgetank
