// The tools of the transcripts themselves: what they accept, and above all that they refuse.
#include "transcript.h"

#include <gtest/gtest.h>

#include "app/services.h"
#include "base/text.h"
#include "cbor_json.h"
#include "kernel/test_gadgets.h"
#include "transcript_runner.h"
#include "wildcards.h"

namespace surgetank::wiretest {
namespace {

TEST(TranscriptParser, TakesExchangesApart) {
  const auto exchanges = parse_transcript(R"(Free text.
@region eu-west-1

### first
# a comment
@advance 2h
POST /x?y=1
A: b
C:d

line one

line two

HTTP 404
E: <uuid>

{"a":1}

### second
CALL Op
+ H: v
body
HTTP 200
)");
  ASSERT_EQ(exchanges.size(), 2U);
  const auto& first = exchanges[0];
  EXPECT_EQ(first.line, 4U);
  EXPECT_EQ(first.title, "first");
  ASSERT_EQ(first.directives.size(), 2U);
  EXPECT_EQ(first.directives[1].name + "=" + first.directives[1].argument, "advance=2h");
  EXPECT_EQ(first.method + " " + first.target, "POST /x?y=1");
  EXPECT_EQ(first.headers, (TranscriptHeaders{{"A", "b"}, {"C", "d"}}));
  EXPECT_EQ(first.body, "line one\n\nline two");
  EXPECT_EQ(first.status, 404);
  EXPECT_EQ(first.expected_headers, (TranscriptHeaders{{"E", "<uuid>"}}));
  EXPECT_EQ(first.expected_body, "{\"a\":1}");
  EXPECT_EQ(exchanges[1].headers, (TranscriptHeaders{{"H", "v"}}));
  EXPECT_EQ(exchanges[1].body, "body");
  EXPECT_EQ(exchanges[1].expected_body, std::nullopt);
}

TEST(TranscriptParser, SaysWhereATextIsNoTranscript) {
  for (const auto& [text, line] : {std::pair{"nothing", "line 1"},
                                   {"### a\nGET /\n\n", "line 5"},
                                   {"### a\nGET\nHTTP 200\n", "line 2"},
                                   {"### a\nGET /\nHTTP 200\n\nx\nHTTP 200\n", "line 6"},
                                   {"### a\nGET /\nbroken\n\nHTTP 200", "line 3"}}) {
    try {
      parse_transcript(text);
      ADD_FAILURE() << text;
    } catch (const TranscriptError& error) {
      EXPECT_TRUE(contains(error.what(), line)) << error.what();
    }
  }
}

bool text_matches(std::string_view expected, std::string_view actual) {
  Captures captures;
  return !mismatch_of_text(expected, actual, captures);
}

TEST(Wildcards, StandForTheirKindAndNothingElse) {
  EXPECT_TRUE(text_matches("id <uuid>.", "id 0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d4e5f."));
  EXPECT_FALSE(text_matches("id <uuid>.", "id 0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d4e5g."));
  EXPECT_TRUE(text_matches("<number>-<number>", "12.5-7"));
  EXPECT_FALSE(text_matches("<number>", "12x"));
  EXPECT_TRUE(text_matches("<time>", "2023-11-14T22:13:20Z"));
  EXPECT_TRUE(text_matches("a<any>b<any>c", "a1b2c"));
  EXPECT_FALSE(text_matches("a<any>", "a"));
  EXPECT_FALSE(text_matches("abc", "abcd"));
  EXPECT_FALSE(text_matches("<other>", "x"));
  EXPECT_TRUE(text_matches("<other>", "<other>"));
}

TEST(Wildcards, CaptureAndAreFilledIn) {
  Captures captures;
  EXPECT_FALSE(mismatch_of_text("arn:<any:name>:<number:n>", "arn:a b:12", captures));
  EXPECT_EQ(captures["name"], "a b");
  EXPECT_EQ(with_captures("{{n}}/{{url:name}}", captures), "12/a%20b");
  EXPECT_THROW(with_captures("{{nothing}}", captures), std::runtime_error);
}

bool json_matches(std::string_view expected, std::string_view actual) {
  Captures captures;
  return !mismatch_of_json(*parse_json(expected), *parse_json(actual), captures);
}

TEST(Wildcards, JsonIsComparedAsValues) {
  EXPECT_TRUE(json_matches(R"({"a":1,"b":["<number>","<any>"]})", R"({ "b":[2,{"x":null}], "a":1.0})"));
  EXPECT_FALSE(json_matches(R"({"a":1})", R"({"a":"1"})"));
  EXPECT_FALSE(json_matches(R"({"a":1})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(json_matches(R"({"a":1,"b":2})", R"({"a":1})"));
  EXPECT_FALSE(json_matches(R"([1,2])", R"([2,1])"));
  EXPECT_FALSE(json_matches(R"([1])", R"([1,2])"));
  EXPECT_TRUE(json_matches(R"([1,"<more>"])", R"([1,2])"));
  EXPECT_TRUE(json_matches(R"({"a":1,"<more>":"<any>"})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(json_matches(R"({"a":1,"<more>":"<any>"})", R"({"b":2})"));
  EXPECT_FALSE(json_matches(R"({"a":null})", R"({"a":false})"));
}

TEST(Wildcards, XmlIsComparedWithoutSpaceBetweenTags) {
  Captures captures;
  EXPECT_FALSE(mismatch_of_xml("<A>\n  <B>x y</B>\n  <C><uuid></C>\n</A>\n", "<A><B>x y</B><C>0a1b2c3d-0a1b-4c3d-8a1b-0a1b2c3d4e5f</C></A>",
                               captures));
  EXPECT_FALSE(mismatch_of_xml("<A>it's \"x\"</A>", "<A>it&apos;s &quot;x&quot;</A>", captures));
  EXPECT_FALSE(mismatch_of_xml("<A><B/><C x=\"1\"/><B>1</B></A>", "<A><B></B><C x=\"1\"></C><B>1</B></A>", captures));
  EXPECT_TRUE(mismatch_of_xml("<A><B>x y</B></A>", "<A><B>xy</B></A>", captures));
}

TEST(CborJson, GoesThereAndBack) {
  constexpr std::string_view text = R"({"a":[1,-2,2.5,true,false,null,"t"],"t":{"$time":1700000000},"b":{"$bytes":"aGk="},"m":{"x":{}}})";
  EXPECT_EQ(to_json(json_of_cbor(cbor_of_json(*parse_json(text)))), text);
  EXPECT_THROW(json_of_cbor("\xa1"), std::runtime_error);
  EXPECT_THROW(json_of_cbor(std::string("\x01\x01", 2)), std::runtime_error);
}

std::string played(std::string_view text) {
  try {
    TranscriptRunner runner({&test::gadgets, &test::shelves}, "/nowhere/gadgets");
    for (const auto& exchange : parse_transcript(text)) runner.play(exchange);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "played";
}

TEST(TranscriptRunner, PlaysEveryKindOfRequest) {
  EXPECT_EQ(played(R"(
### json
CALL PutGadget
{"Name":"g","MadeAt":"2023-11-14T22:13:20Z"}
HTTP 200
x-amzn-RequestId: <uuid:id>

{"Gadget":{"Name":"g","MadeAt":1700000000},"RequestId":"{{id}}","<more>":"<any>"}

### query
CALL-QUERY PutGadget
Name=a & b
Parts.member.1.Id={{id}}
HTTP 200
Content-Type: text/xml

<PutGadgetResponse xmlns="http://gadgets.example/doc/2020-02-20/"><PutGadgetResult><Gadget>
  <Name>a &amp; b</Name><Parts><member><Id>{{id}}</Id></member></Parts></Gadget><any></PutGadgetResponse>

### cbor
CALL-CBOR PutGadget
{"Name":"c","Weight":1.5,"MadeAt":{"$time":1700000000.5},"Picture":{"$bytes":"aGk="}}
HTTP 200

{"Gadget":{"Name":"c","Weight":1.5,"MadeAt":{"$time":1700000000.5},"Picture":{"$bytes":"aGk="}},"<more>":"<any>"}

### rest, without signature, in another account
@service shelves
@unsigned
GET /shelves/x
HTTP 403
x-amzn-ErrorType: MissingAuthenticationTokenException
Nothing: <absent>

### rest
DELETE /shelves/x
HTTP 204

<empty>
)"),
            "played");
}

TEST(TranscriptRunner, RefusesWhatDoesNotMatch) {
  const auto call = [](const std::string& expectation) { return "### x\nCALL FindGadget\n{\"Name\":\"g\"}\n" + expectation; };
  EXPECT_TRUE(contains(played(call("HTTP 200\n")), "expected status 200"));
  EXPECT_TRUE(contains(played(call("HTTP 404\n\n{}")), "unexpected member __type"));
  EXPECT_TRUE(contains(played(call("HTTP 404\nContent-Type: text/plain\n")), "header Content-Type"));
  EXPECT_TRUE(contains(played(call("HTTP 404\nContent-Type: <absent>\n")), "header Content-Type is there"));
  EXPECT_TRUE(contains(played(call("HTTP 404\n\n<empty>")), "expected no body"));
  EXPECT_TRUE(contains(played("### x\n@frobnicate\nCALL FindGadget\nHTTP 200\n"), "unknown directive @frobnicate"));
}

}  // namespace
}  // namespace surgetank::wiretest
