#include "base/text.h"
#include "wire/errors.h"
#include "wire/query.h"

namespace surgetank {

Result<FormParameters> parse_form(std::string_view form) {
  FormParameters parameters;
  std::size_t at = 0;
  while (at < form.size()) {
    const auto end = std::min(form.find('&', at), form.size());
    const auto part = form.substr(at, end - at);
    at = end + 1;
    if (part.empty()) continue;
    if (parameters.size() == query_max_parameters)
      return Error{&wire::too_complex, "The request has more than " + std::to_string(query_max_parameters) + " parameters"};
    const auto equals = std::min(part.find('='), part.size());
    auto name = percent_decode(part.substr(0, equals), PlusMeaning::Space);
    auto value = percent_decode(part.substr(std::min(equals + 1, part.size())), PlusMeaning::Space);
    if (!name || !value) return Error{&wire::malformed_input, "The request body has a broken percent-escape"};
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

const std::string* find_parameter(const FormParameters& parameters, std::string_view name) {
  for (const auto& [parameter, value] : parameters)
    if (parameter == name) return &value;
  return nullptr;
}

}  // namespace surgetank
