// Fn::Cidr: the first `count` blocks of a network, each with `cidrBits` host bits. IPv4 and IPv6.
#include <arpa/inet.h>

#include <array>

#include "base/text.h"
#include "stack/intrinsics.h"

namespace surgetank::stack {
namespace {

struct Network {
  std::array<unsigned char, 16> bytes{};  // IPv4 uses the first four
  int bits = 32;                          // of an address
  int prefix = 0;
};

std::optional<Network> parse_network(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const std::optional<std::int64_t> prefix = parse_integer(std::string_view(text).substr(slash + 1));
  const std::string address = text.substr(0, slash);
  Network network;
  if (inet_pton(AF_INET, address.c_str(), network.bytes.data()) != 1) {
    network.bits = 128;
    if (inet_pton(AF_INET6, address.c_str(), network.bytes.data()) != 1) return std::nullopt;
  }
  if (!prefix || *prefix < 0 || *prefix > network.bits) return std::nullopt;
  network.prefix = static_cast<int>(*prefix);
  for (int bit = network.prefix; bit < network.bits; ++bit) {
    unsigned char& byte = network.bytes[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<unsigned char>(byte & ~(0x80 >> (bit % 8)));
  }
  return network;
}

std::string print(const Network& network, int prefix) {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(network.bits == 32 ? AF_INET : AF_INET6, network.bytes.data(), buffer, sizeof(buffer));
  return std::string(buffer) + "/" + std::to_string(prefix);
}

// Adds one block of 2^host_bits addresses.
void advance(Network& network, int host_bits) {
  int bit = network.bits - host_bits - 1;
  while (bit >= 0) {
    unsigned char& byte = network.bytes[static_cast<std::size_t>(bit / 8)];
    const auto mask = static_cast<unsigned char>(0x80 >> (bit % 8));
    byte = static_cast<unsigned char>(byte ^ mask);
    if ((byte & mask) != 0) return;
    --bit;
  }
}

}  // namespace

Node Evaluator::cidr(const Node& argument, Position at) {
  const auto parts = arguments("Fn::Cidr", argument, at, 2, 3);
  if (!parts) return make_unknown("", at);
  std::vector<std::string> texts;
  bool unknown = false;
  for (const Node& part : *parts) {
    const Node value = evaluate(part);
    if (const std::optional<std::string> piece = text("Fn::Cidr", value, &unknown)) texts.push_back(*piece);
  }
  if (unknown) return make_unknown("", at);
  std::optional<Network> network = parse_network(texts[0]);
  if (!network) return fail((*parts)[0].position, "Fn::Cidr: `" + texts[0] + "` is no network", "write e.g. 10.0.0.0/16");
  const std::optional<std::int64_t> count = parse_integer(texts[1]);
  if (!count || *count < 1 || *count > 256) return fail((*parts)[1].position, "the count of Fn::Cidr must be from 1 to 256");
  const int usual = network->bits == 32 ? 8 : 64;
  const std::optional<std::int64_t> host_bits = texts.size() == 3 ? parse_integer(texts[2]) : usual;
  if (!host_bits || *host_bits < 1 || *host_bits > network->bits - network->prefix) {
    return fail(parts->back().position, "the cidrBits of Fn::Cidr must be from 1 to " + std::to_string(network->bits - network->prefix));
  }
  const int free_bits = network->bits - network->prefix - static_cast<int>(*host_bits);
  if (free_bits < 9 && *count > (std::int64_t{1} << free_bits)) {
    return fail(at, "Fn::Cidr: " + texts[0] + " has room for " + std::to_string(1 << free_bits) + " such blocks, not " + texts[1],
                "ask for fewer or smaller ones");
  }
  Node blocks = make_list(at);
  for (std::int64_t i = 0; i < *count; ++i) {
    blocks.items.push_back(make_string(print(*network, network->bits - static_cast<int>(*host_bits)), at));
    advance(*network, static_cast<int>(*host_bits));
  }
  return blocks;
}

}  // namespace surgetank::stack
