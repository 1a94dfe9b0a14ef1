#include "wire/xml_writer.h"

#include <gtest/gtest.h>

namespace surgetank {
namespace {

TEST(XmlWriter, WritesElementsAttributesAndText) {
  std::string out;
  XmlWriter xml(out);
  xml.declaration().open("A", {{"x", "1\"2"}, {"y", "<"}}).element("B", "b").open("C").text("c").close("C").close("A");
  EXPECT_EQ(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A x=\"1&quot;2\" y=\"&lt;\"><B>b</B><C>c</C></A>");
}

TEST(XmlText, EscapesWhatIsNotText) {
  std::string out;
  append_xml_text(out, "<a> & \"b\" 'c'\r\n\t\x01\x1f\xC3\xA9\xff");
  EXPECT_EQ(out, "&lt;a&gt; &amp; &quot;b&quot; &apos;c&apos;&#xD;\n\t&#x1;&#x1F;\xC3\xA9\xEF\xBF\xBD");
}

}  // namespace
}  // namespace surgetank
