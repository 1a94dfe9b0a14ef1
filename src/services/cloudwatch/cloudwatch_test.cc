#include <gtest/gtest.h>

#include "kernel/test_world.h"
#include "services/cloudwatch/service.h"
#include "services/cloudwatch/statistics.h"
#include "wire/json_value.h"

namespace surgetank::cloudwatch {
namespace {

constexpr std::string_view window = R"("StartTime":1699996800,"EndTime":1700006400)";  // around TestWorld's start

struct CloudWatchTest : testing::Test {
  TestWorld world{{&service}};
  std::string call(std::string_view operation, const std::string& input) { return world.call("cloudwatch", operation, input); }
  std::string put(const std::string& datum) {
    return call("PutMetricData", R"({"Namespace":"N","MetricData":[{"MetricName":"m",)" + datum + "}]}");
  }
  std::string statistics(const std::string& more) {
    return call("GetMetricStatistics", R"({"Namespace":"N","MetricName":"m","Period":60,)" + std::string(window) + "," + more + "}");
  }
};

TEST_F(CloudWatchTest, ValuesOfAPeriodAddUp) {
  put(R"("Value":2)");
  put(R"("Value":4)");
  put(R"("StatisticValues":{"SampleCount":2,"Sum":10,"Minimum":1,"Maximum":9})");
  EXPECT_EQ(
      statistics(R"("Statistics":["SampleCount","Average","Sum","Minimum","Maximum"])"),
      R"({"Label":"m","Datapoints":[{"Timestamp":1699999980,"SampleCount":4.0,"Average":4.0,"Sum":16.0,"Minimum":1.0,"Maximum":9.0,"Unit":"None"}]})");
}

TEST_F(CloudWatchTest, DimensionsMakeMetricsOfTheirOwnInAnyOrder) {
  put(R"("Value":1,"Dimensions":[{"Name":"a","Value":"1"},{"Name":"b","Value":"2"}])");
  put(R"("Value":5,"Dimensions":[{"Name":"b","Value":"2"},{"Name":"a","Value":"1"}])");
  EXPECT_EQ(statistics(R"("Statistics":["Sum"])"), R"({"Label":"m","Datapoints":[]})");
  EXPECT_NE(statistics(R"("Statistics":["Sum"],"Dimensions":[{"Name":"a","Value":"1"},{"Name":"b","Value":"2"}])").find(R"("Sum":6.0)"),
            std::string::npos);
}

TEST_F(CloudWatchTest, PercentilesComeFromValuesAndCounts) {
  put(R"("Values":[1,2,3,100],"Counts":[50,40,9,1],"Unit":"Milliseconds")");
  const auto reply = statistics(R"("ExtendedStatistics":["p50","p90","p99.5"])");
  EXPECT_NE(reply.find(R"("p50":1.0)"), std::string::npos) << reply;
  EXPECT_NE(reply.find(R"("p90":2.0)"), std::string::npos);
  EXPECT_NE(reply.find(R"("p99.5":100.0)"), std::string::npos);
}

TEST_F(CloudWatchTest, HighResolutionDataIsThereBySecondAndByMinute) {
  put(R"("Value":1,"StorageResolution":1,"Timestamp":1699999990)");
  put(R"("Value":2,"StorageResolution":1,"Timestamp":1699999991)");
  const std::string query =
      R"({"Namespace":"N","MetricName":"m","StartTime":1699999980,"EndTime":1700000040,"Statistics":["Sum"],"Period":)";
  EXPECT_NE(call("GetMetricStatistics", query + "1}").find(R"("Timestamp":1699999991,"Sum":2.0)"), std::string::npos);
  EXPECT_NE(call("GetMetricStatistics", query + "60}").find(R"("Sum":3.0)"), std::string::npos);
}

TEST_F(CloudWatchTest, GetMetricDataAnswersQueriesNewestFirstAndInPages) {
  for (int i = 0; i < 4; ++i) put(R"("Value":)" + std::to_string(i) + R"(,"Timestamp":)" + std::to_string(1'699'999'200 + i * 60));
  const std::string query =
      R"({"MetricDataQueries":[{"Id":"q","MetricStat":{"Metric":{"Namespace":"N","MetricName":"m"},"Period":60,"Stat":"Sum"}}],)" +
      std::string(window);
  EXPECT_NE(call("GetMetricData", query + "}").find(R"("Values":[3.0,2.0,1.0,0.0],"StatusCode":"Complete")"), std::string::npos);
  EXPECT_NE(call("GetMetricData", query + R"(,"ScanBy":"TimestampAscending","MaxDatapoints":3})")
                .find(R"("Values":[0.0,1.0,2.0],"StatusCode":"PartialData"}],"NextToken":"3")"),
            std::string::npos);
  EXPECT_NE(call("GetMetricData", query + R"(,"ScanBy":"TimestampAscending","MaxDatapoints":3,"NextToken":"3"})").find(R"("Values":[3.0])"),
            std::string::npos);
  EXPECT_EQ(call("GetMetricData", R"({"MetricDataQueries":[{"Id":"q","Expression":"a+b"}],)" + std::string(window) + "}").substr(0, 16),
            "ValidationError:");
}

TEST_F(CloudWatchTest, ListMetricsFiltersByNamespaceNameAndDimension) {
  put(R"("Value":1,"Dimensions":[{"Name":"a","Value":"1"}])");
  call("PutMetricData", R"({"Namespace":"Other","MetricData":[{"MetricName":"x","Value":1}]})");
  EXPECT_EQ(call("ListMetrics", R"({"Namespace":"Other"})"), R"({"Metrics":[{"Namespace":"Other","MetricName":"x","Dimensions":[]}]})");
  EXPECT_EQ(call("ListMetrics", R"({"Dimensions":[{"Name":"a"}]})"),
            R"({"Metrics":[{"Namespace":"N","MetricName":"m","Dimensions":[{"Name":"a","Value":"1"}]}]})");
  EXPECT_EQ(call("ListMetrics", R"({"Dimensions":[{"Name":"a","Value":"2"}]})"), R"({"Metrics":[]})");
}

TEST_F(CloudWatchTest, BadInputIsRefused) {
  EXPECT_EQ(put(R"("Unit":"Count")").substr(0, 33), "MissingRequiredParameterException");
  EXPECT_EQ(put(R"("Value":1,"Values":[1])").substr(0, 36), "InvalidParameterCombinationException");
  for (const char* bad : {R"("Value":"NaN")", R"("Value":1,"Unit":"Parsec")", R"("Value":1,"Timestamp":1600000000)",
                          R"("Value":1,"Timestamp":1700010000)", R"("Values":[1,2],"Counts":[1])", R"("Values":[1],"Counts":[0])",
                          R"("Value":1,"StorageResolution":5)", R"("StatisticValues":{"SampleCount":0,"Sum":0,"Minimum":0,"Maximum":1})"})
    EXPECT_EQ(put(bad).substr(0, 30), "InvalidParameterValueException") << bad;
  EXPECT_EQ(statistics(R"("Statistics":["Median"])").substr(0, 30), "InvalidParameterValueException");
  EXPECT_EQ(call("GetMetricStatistics",
                 R"({"Namespace":"N","MetricName":"m","Period":60,"StartTime":1600000000,"EndTime":1700000000,"Statistics":["Sum"]})")
                .substr(0, 36),
            "InvalidParameterCombinationException");
}

TEST_F(CloudWatchTest, OldDataExpiresAndTheRestSurvivesACrash) {
  put(R"("Value":1,"StorageResolution":1)");
  world.crash_and_restart();
  EXPECT_NE(statistics(R"("Statistics":["Sum"])").find(R"("Sum":1.0)"), std::string::npos);
  const auto rows = [&] {
    int count = 0;
    world.store->begin()->scan("cloudwatch/data/", prefix_end("cloudwatch/data/"),
                               [&](std::string_view, std::string_view) { return ++count > 0; });
    return count;
  };
  EXPECT_EQ(rows(), 2);
  world.advance(hours(5));
  EXPECT_EQ(rows(), 1);
  world.advance(days(16));
  EXPECT_EQ(rows(), 0);
}

TEST_F(CloudWatchTest, IngestedMetricsAreOrdinaryMetrics) {
  call(
      "IngestMetrics",
      R"({"Metrics":[{"Namespace":"N","MetricName":"m","Timestamp":1699999980,"Values":[1.5,2],"Counts":[2,1],"Unit":"Count","StorageResolution":60}]})");
  EXPECT_NE(statistics(R"("Statistics":["Sum","SampleCount"])").find(R"("SampleCount":3.0,"Sum":5.0)"), std::string::npos);
}

TEST(Statistics, ManyDistinctValuesStayBoundedAndPercentilesClose) {
  PeriodRecord period;
  for (int i = 1; i <= 100'000; ++i) add_value(period, i, 1);
  EXPECT_LE(period.values.size(), 4000U);
  EXPECT_EQ(period.samples, 100'000);
  EXPECT_NEAR(*statistic(period, "p90"), 90'000, 500);
  EXPECT_EQ(*statistic(period, "Sum"), 5'000'050'000.0);
}

TEST(Statistics, SetsGiveNoPercentilesUnlessTheyAreOneValue) {
  PeriodRecord period;
  add_statistics(period, {.SampleCount = 3, .Sum = 9, .Minimum = 3, .Maximum = 3});
  EXPECT_EQ(statistic(period, "p99"), 3);
  add_statistics(period, {.SampleCount = 2, .Sum = 5, .Minimum = 1, .Maximum = 4});
  EXPECT_EQ(statistic(period, "p99"), std::nullopt);
}

}  // namespace
}  // namespace surgetank::cloudwatch
