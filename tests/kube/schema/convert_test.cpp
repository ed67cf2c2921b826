#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

struct Row {
  const char* name;
  const char *kind, *from_group, *from_version, *to_group, *to_version;
  const char *given, *wanted;
};

json::Value value_of(const char* text) {
  auto parsed = json::parse(text, json::Storage());
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().text;
  return *parsed;
}

const Row rows[] = {
    {"core event", "Event", "", "v1", "events.k8s.io", "v1",
     R"({"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p"},"reason":"R",
         "message":"m","source":{"component":"c"},"firstTimestamp":"2026-11-25T10:00:00Z","lastTimestamp":null,"count":3,
         "type":"Normal","eventTime":null,"reportingComponent":"","reportingInstance":""})",
     R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e"},"regarding":{"kind":"Pod","name":"p"},
         "reason":"R","note":"m","deprecatedSource":{"component":"c"},
         "deprecatedFirstTimestamp":"2026-11-25T10:00:00Z","deprecatedLastTimestamp":null,"deprecatedCount":3,
         "type":"Normal","eventTime":null})"},
    {"new event", "Event", "events.k8s.io", "v1", "", "v1",
     R"({"kind":"Event","apiVersion":"events.k8s.io/v1","metadata":{"name":"e"},"regarding":{"kind":"Pod"},"note":"m",
         "eventTime":"2026-11-25T10:00:00.000000Z","reportingController":"c","reportingInstance":"i","action":"a",
         "deprecatedSource":{},"deprecatedFirstTimestamp":null,"deprecatedLastTimestamp":null})",
     R"({"kind":"Event","apiVersion":"v1","metadata":{"name":"e"},"involvedObject":{"kind":"Pod"},"message":"m",
         "source":{},"firstTimestamp":null,"lastTimestamp":null,"eventTime":"2026-11-25T10:00:00.000000Z","action":"a",
         "reportingComponent":"c","reportingInstance":"i"})"},
    {"same shape", "Lease", "coordination.k8s.io", "v1", "coordination.k8s.io", "v2",
     R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v1","spec":{}})",
     R"({"kind":"Lease","apiVersion":"coordination.k8s.io/v2","spec":{}})"},
    {"autoscaler 1 to 2", "HorizontalPodAutoscaler", "autoscaling", "v1", "autoscaling", "v2",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"h"},
         "spec":{"minReplicas":1,"maxReplicas":3,"targetCPUUtilizationPercentage":50},
         "status":{"currentReplicas":2,"desiredReplicas":3,"currentCPUUtilizationPercentage":40}})",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"h"},
         "spec":{"minReplicas":1,"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu",
           "target":{"type":"Utilization","averageUtilization":50}}}]},
         "status":{"currentReplicas":2,"desiredReplicas":3,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu",
           "current":{"averageUtilization":40}}}]}})"},
    {"autoscaler 1 to 2, nothing said", "HorizontalPodAutoscaler", "autoscaling", "v1", "autoscaling", "v2",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"h"},"spec":{"maxReplicas":3},
         "status":{"currentReplicas":0,"desiredReplicas":0}})",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"h"},
         "spec":{"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu",
           "target":{"type":"Utilization","averageUtilization":80}}}]},
         "status":{"desiredReplicas":0,"currentMetrics":null}})"},
    {"autoscaler 1 to 2, annotations", "HorizontalPodAutoscaler", "autoscaling", "v1", "autoscaling", "v2",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"h","annotations":{"mine":"1",
         "autoscaling.alpha.kubernetes.io/metrics":"[{\"type\":\"Pods\",\"pods\":{\"metricName\":\"m\",\"targetAverageValue\":\"5\"}},{\"type\":\"Object\",\"object\":{\"target\":{\"kind\":\"S\",\"name\":\"s\"},\"metricName\":\"o\",\"targetValue\":\"0\",\"averageValue\":\"2\"}}]",
         "autoscaling.alpha.kubernetes.io/behavior":"{\"ScaleUp\":null,\"ScaleDown\":{\"StabilizationWindowSeconds\":30,\"SelectPolicy\":\"Max\",\"Policies\":[{\"Type\":\"Pods\",\"Value\":1,\"PeriodSeconds\":15}],\"Tolerance\":null}}",
         "autoscaling.alpha.kubernetes.io/conditions":"[{\"type\":\"T\",\"status\":\"True\",\"lastTransitionTime\":\"2026-11-25T10:00:00Z\"}]",
         "autoscaling.alpha.kubernetes.io/current-metrics":"not json"}},
         "spec":{"maxReplicas":3},"status":{"currentReplicas":0,"desiredReplicas":0}})",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"h","annotations":{"mine":"1"}},
         "spec":{"maxReplicas":3,"metrics":[
           {"type":"Pods","pods":{"metric":{"name":"m"},"target":{"type":"AverageValue","averageValue":"5"}}},
           {"type":"Object","object":{"describedObject":{"kind":"S","name":"s"},"metric":{"name":"o"},
             "target":{"type":"AverageValue","averageValue":"2"}}}],
         "behavior":{"scaleDown":{"stabilizationWindowSeconds":30,"selectPolicy":"Max",
           "policies":[{"type":"Pods","value":1,"periodSeconds":15}]}}},
         "status":{"desiredReplicas":0,"currentMetrics":null,
           "conditions":[{"type":"T","status":"True","lastTransitionTime":"2026-11-25T10:00:00Z"}]}})"},
    {"autoscaler 1 to 2, annotations that do not fit", "HorizontalPodAutoscaler", "autoscaling", "v1", "autoscaling",
     "v2",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"h","annotations":{
         "autoscaling.alpha.kubernetes.io/metrics":"[{\"type\":\"Pods\",\"pods\":{\"metricName\":5}}]",
         "autoscaling.alpha.kubernetes.io/behavior":"{\"Foo\":1}",
         "autoscaling.alpha.kubernetes.io/conditions":"[1]"}},
         "spec":{"maxReplicas":3},"status":{"currentReplicas":0,"desiredReplicas":0}})",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"h"},
         "spec":{"maxReplicas":3,"metrics":[{"type":"Resource","resource":{"name":"cpu",
           "target":{"type":"Utilization","averageUtilization":80}}}]},
         "status":{"desiredReplicas":0,"currentMetrics":null}})"},
    {"autoscaler 2 to 1", "HorizontalPodAutoscaler", "autoscaling", "v2", "autoscaling", "v1",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"h"},
         "spec":{"maxReplicas":3,"metrics":[
           {"type":"External","external":{"metric":{"name":"e","selector":{"matchLabels":{"a":"b"}}},
             "target":{"type":"Value","value":"7"}}},
           {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}},
           {"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"1Gi"}}}],
         "behavior":{"scaleDown":{"selectPolicy":"Min","policies":[{"type":"Pods","value":1,"periodSeconds":15}]}}},
         "status":{"desiredReplicas":2,"currentReplicas":2,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu",
           "current":{"averageUtilization":40,"averageValue":"20m"}}}]}})",
     R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v1","metadata":{"name":"h","annotations":{
         "autoscaling.alpha.kubernetes.io/metrics":"[{\"type\":\"External\",\"external\":{\"metricName\":\"e\",\"metricSelector\":{\"matchLabels\":{\"a\":\"b\"}},\"targetValue\":\"7\"}},{\"type\":\"Resource\",\"resource\":{\"name\":\"memory\",\"targetAverageValue\":\"1Gi\"}}]",
         "autoscaling.alpha.kubernetes.io/current-metrics":"[{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"currentAverageUtilization\":40,\"currentAverageValue\":\"20m\"}}]",
         "autoscaling.alpha.kubernetes.io/behavior":"{\"ScaleUp\":null,\"ScaleDown\":{\"StabilizationWindowSeconds\":null,\"SelectPolicy\":\"Min\",\"Policies\":[{\"Type\":\"Pods\",\"Value\":1,\"PeriodSeconds\":15}],\"Tolerance\":null}}"}},
         "spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":60},
         "status":{"currentReplicas":2,"desiredReplicas":2,"currentCPUUtilizationPercentage":40}})"},
};

TEST(Convert, BetweenServedVersions) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    json::Value object = value_of(row.given);
    ASSERT_TRUE(
        convert(object, {row.from_group, row.from_version, row.kind}, {row.to_group, row.to_version, row.kind}));
    EXPECT_EQ(object, value_of(row.wanted)) << json::write(object);
  }
}

// The first way back may write out what was implied (a current value of 0); from then on nothing changes.
TEST(Convert, ThereAndBackComesToRest) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    json::Value object = value_of(row.wanted);
    GroupVersionKind from{row.from_group, row.from_version, row.kind}, to{row.to_group, row.to_version, row.kind};
    ASSERT_TRUE(convert(object, to, from));
    ASSERT_TRUE(convert(object, from, to));
    const json::Value rested = object;
    ASSERT_TRUE(convert(object, to, from));
    ASSERT_TRUE(convert(object, from, to));
    EXPECT_EQ(object, rested) << json::write(object);
  }
}

}  // namespace
}  // namespace gatepost::kube
