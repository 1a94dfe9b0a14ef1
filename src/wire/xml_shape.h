#pragma once
// Internal to wire/: a shape's members as XML elements (query replies; rest-xml). Pure; any thread; nothing fails.
#include "shape/shape.h"
#include "wire/xml_writer.h"

namespace surgetank::wire {

// One element per present body member of `shape`, in its order. See wire/query.h for the forms.
void write_xml_members(XmlWriter& xml, const Shape& shape, const void* in);

}  // namespace surgetank::wire
