#include "windtunnel/comparison/comparison.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace surgetank::windtunnel {
namespace {

constexpr std::string_view report =
    R"({"total":{"name":"all","succeeded":98,"failed":2,"latencyMs":{"count":100,"avg":11,"p50":10.5,"p99":80}},
  "async":{"followed":true,"accepted":98,"done":97,"open":1,"acceptedToDoneMs":{"count":97,"p50":20,"p99":400}},"seconds":[]})";

RecordedSpan span(std::string kind, std::string name) {
  RecordedSpan out;
  out.kind = std::move(kind);
  out.name = std::move(name);
  return out;
}

Recording small_run() {
  Recording recording;
  recording.databases.emplace_back().peakConnections = 7;
  recording.traces.push_back({.root = "1-a",
                              .spans = {span("gateway", "POST /orders"), span("invoke", "f"), span("aws", "SecretsManager.GetSecretValue"),
                                        span("db-connect", "connect"), span("db-statement", "INSERT")}});
  recording.traces.push_back({.root = "1-b", .spans = {span("gateway", "POST /orders"), span("aws", "SQS.SendMessage")}});
  recording.traces.push_back({.root = "1-c", .spans = {span("aws", "Logs.FilterLogEvents")}});
  return recording;
}

TEST(Comparison, TakesTheFiguresOfALoadReport) {
  const auto figures = load_figures_from_json(report);
  EXPECT_EQ(figures.requests, 100);
  EXPECT_EQ(figures.failed, 2);
  EXPECT_EQ(figures.p50Milliseconds, 10.5);
  EXPECT_EQ(figures.p99Milliseconds, 80);
  EXPECT_EQ(figures.done, 97);
  EXPECT_EQ(figures.doneP99Milliseconds, 400);
}

TEST(Comparison, RefusesWhatIsNoLoadReport) {
  EXPECT_THROW(load_figures_from_json("{}"), std::runtime_error);
  EXPECT_THROW(load_figures_from_json("not json"), std::runtime_error);
  EXPECT_THROW(load_figures_from_json(R"({"total":[],"async":{}})"), std::runtime_error);
}

TEST(Comparison, WhatWasAcceptedAndNeverDoneHasFailed) {
  const auto run = compared_run("queue", load_figures_from_json(report), small_run());
  EXPECT_EQ(run.failed, 3);
}

TEST(Comparison, CountsWhatTheApplicationDidAndNotItsClients) {
  const auto run = compared_run("baseline", load_figures_from_json(report), small_run());
  EXPECT_EQ(run.connectionsMade, 1);
  EXPECT_EQ(run.connectionsPeak, 7);
  EXPECT_EQ(run.statements, 1);
  EXPECT_EQ(run.calls.size(), 2U);
  EXPECT_EQ(run.calls.at("SQS.SendMessage"), 1);
  EXPECT_DOUBLE_EQ(run.callsPerRequest, 1.0);
  EXPECT_GT(run.dollarsPerMillion, 0);
}

TEST(Comparison, LinesHaveOneWidth) {
  Comparison comparison;
  comparison.runs.push_back(compared_run("baseline", load_figures_from_json(report), small_run()));
  comparison.runs.push_back(compared_run("a much longer name", load_figures_from_json(report), small_run()));
  const auto lines = comparison_lines(comparison);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].size(), lines[1].size());
  EXPECT_EQ(lines[1].size(), lines[2].size());
  EXPECT_NE(lines[2].find("a much longer name"), std::string::npos);
}

TEST(Comparison, ThePageHasATableAndPicturesAndEscapesNames) {
  Comparison comparison;
  comparison.runs.push_back(compared_run("<b>baseline", load_figures_from_json(report), small_run()));
  const auto page = render(comparison_page(comparison, "Orders"));
  EXPECT_NE(page.find("&lt;b&gt;baseline"), std::string::npos);
  EXPECT_EQ(page.find("<b>baseline"), std::string::npos);
  EXPECT_NE(page.find("Cost of a million requests"), std::string::npos);
  EXPECT_NE(page.find("SecretsManager.GetSecretValue"), std::string::npos);
}

}  // namespace
}  // namespace surgetank::windtunnel
