#include "stack/template_places.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace surgetank::stack {
namespace {

constexpr const char* shop = R"(AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 10
Resources:
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      CodeUri: worker/
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 10
        Api:
          Type: HttpApi
          Properties:
            Method: POST
            Path: /jobs
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
)";

TemplatePlaces places_of(const std::string& text, const std::string& path = "template.yaml") {
  TemplateInput input;
  input.text = text;
  input.path = path;
  input.pseudo = {"000000000000", "us-east-1", "shop", "id"};
  return find_places(input);
}

const TemplatePlaces::Resource* find(const TemplatePlaces& places, const std::string& id) {
  const auto found = std::find_if(places.resources.begin(), places.resources.end(), [&](const auto& r) { return r.logical_id == id; });
  return found == places.resources.end() ? nullptr : &*found;
}

std::uint32_t line_of(const TemplatePlaces& places, const std::string& path) {
  const auto found = std::find_if(places.lines.begin(), places.lines.end(), [&](const auto& line) { return line.path == path; });
  return found == places.lines.end() ? 0 : found->line;
}

TEST(TemplatePlaces, WrittenResourcesStandWhereTheirNameIs) {
  const auto places = places_of(shop);
  ASSERT_NE(find(places, "Queue"), nullptr);
  EXPECT_EQ(find(places, "Queue")->line, 24U);
  EXPECT_EQ(find(places, "Queue")->source, "Queue");
  ASSERT_NE(find(places, "Worker"), nullptr);
  EXPECT_EQ(find(places, "Worker")->type, "AWS::Lambda::Function");
  EXPECT_EQ(find(places, "Worker")->line, 7U);
  EXPECT_EQ(find(places, "Worker")->code, "worker/");
}

TEST(TemplatePlaces, WhatATransformMakesStandsWhereItsSourceIs) {
  const auto places = places_of(shop);
  const auto* mapping = find(places, "WorkerJobs");
  ASSERT_NE(mapping, nullptr);
  EXPECT_EQ(mapping->type, "AWS::Lambda::EventSourceMapping");
  EXPECT_EQ(mapping->line, 14U);
  EXPECT_EQ(mapping->source, "Worker");
  const auto* route = find(places, "ServerlessHttpApiPostJobsRoute");
  ASSERT_NE(route, nullptr);
  EXPECT_EQ(route->line, 19U);
  EXPECT_EQ(route->source, "Worker");
}

TEST(TemplatePlaces, PropertiesAndGlobalsHaveLines) {
  const auto places = places_of(shop);
  EXPECT_EQ(line_of(places, "Globals.Function.Timeout"), 5U);
  EXPECT_EQ(line_of(places, "Resources.Queue.Properties.VisibilityTimeout"), 27U);
  EXPECT_EQ(line_of(places, "Resources.Worker.Properties.Events.Jobs.Properties.BatchSize"), 18U);
}

TEST(TemplatePlaces, ATextThatIsNoTemplateHasNoPlaces) {
  EXPECT_TRUE(places_of("{", "t.json").lines.empty());
  EXPECT_TRUE(places_of("just text").resources.empty());
}

TEST(TemplatePlaces, LinesAreBounded) {
  std::string text = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      Tags:\n";
  for (int i = 0; i < 30'000; ++i) text += "        - a\n";
  EXPECT_LE(places_of(text).lines.size(), TemplatePlaces::max_lines);
}

}  // namespace
}  // namespace surgetank::stack
