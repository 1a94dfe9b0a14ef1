#include "net/name_resolver.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>

#include "net/asio_access.h"

namespace surgetank {

void resolve_name(EventLoop& loop, const std::string& host, UniqueFunction<void(ResolvedName)> done) {
  namespace ip = boost::asio::ip;
  boost::system::error_code not_an_ip;
  const auto address = ip::make_address(host, not_an_ip);
  if (!not_an_ip) return done({{address.to_string()}, {}});
  if (host == "localhost" || host.ends_with(".localhost")) return done({{"127.0.0.1", "::1"}, {}});
  auto resolver = std::make_shared<ip::tcp::resolver>(io_context_of(loop));
  resolver->async_resolve(host, "", [resolver, done = std::move(done)](const boost::system::error_code& error,
                                                                      const ip::tcp::resolver::results_type& results) mutable {
    ResolvedName name;
    for (const auto& entry : results) {
      const auto text = entry.endpoint().address().to_string();
      if (std::find(name.addresses.begin(), name.addresses.end(), text) == name.addresses.end()) name.addresses.push_back(text);
    }
    if (name.addresses.empty()) name.failure = error ? error.message() : "the name has no address";
    done(std::move(name));
  });
}

}  // namespace surgetank
