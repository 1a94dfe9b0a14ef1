#include "wire/query.h"

#include "wire/xml_shape.h"
#include "wire/xml_writer.h"

namespace surgetank {

std::string write_query_response(std::string_view operation, std::string_view xmlns, const Shape& shape, const void* in,
                                 std::string_view request_id) {
  const auto response = std::string(operation) + "Response";
  const auto result = std::string(operation) + "Result";
  std::string out;
  XmlWriter xml(out);
  xml.open(response, {{"xmlns", xmlns}});
  if (!shape.members.empty()) {
    xml.open(result);
    wire::write_xml_members(xml, shape, in);
    xml.close(result);
  }
  xml.open("ResponseMetadata").element("RequestId", request_id).close("ResponseMetadata").close(response);
  return out;
}

std::string write_query_error(std::string_view xmlns, const Error& error, std::string_view request_id) {
  const auto& code = *error.code;
  std::string out;
  XmlWriter xml(out);
  xml.open("ErrorResponse", {{"xmlns", xmlns}}).open("Error");
  xml.element("Type", code.http_status < 500 ? "Sender" : "Receiver");
  xml.element("Code", code.query_name.empty() ? code.name : code.query_name);
  xml.element("Message", error.message);
  for (const auto& [name, value] : error.members)
    if (name != "message" && name != "Message") xml.element(name, value);
  xml.close("Error").element("RequestId", request_id).close("ErrorResponse");
  return out;
}

}  // namespace surgetank
