#include "kube/schema/types.h"

#include <gtest/gtest.h>

namespace gatepost::kube {
namespace {

const Field& field_of(std::string_view definition, std::string_view name) {
  const Schema* schema = schema_definition(definition);
  EXPECT_TRUE(schema) << definition;
  const Field* field = schema->field(name);
  EXPECT_TRUE(field) << definition << " " << name;
  return *field;
}

TEST(Types, GoTypesAreNamedAsGoPrintsThem) {
  struct Row {
    std::string_view definition, field, type;
    bool pointer, omit_empty;
  };
  constexpr Row rows[] = {
      {"io.k8s.api.core.v1.PodSpec", "dnsPolicy", "v1.DNSPolicy", false, true},
      {"io.k8s.api.core.v1.PodSpec", "containers", "[]v1.Container", false, false},
      {"io.k8s.api.core.v1.PodSpec", "activeDeadlineSeconds", "int64", true, true},
      {"io.k8s.api.core.v1.ContainerPort", "containerPort", "int32", false, false},
      {"io.k8s.api.core.v1.ContainerPort", "protocol", "v1.Protocol", false, true},
      {"io.k8s.api.core.v1.ResourceRequirements", "limits", "v1.ResourceList", false, true},
      {"io.k8s.api.core.v1.NamespaceSpec", "finalizers", "[]v1.FinalizerName", false, true},
      {"io.k8s.api.core.v1.Secret", "data", "map[string][]uint8", false, true},
      {"io.k8s.api.core.v1.Event", "firstTimestamp", "v1.Time", false, true},
      {"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "uid", "types.UID", false, true},
      {"io.k8s.api.admissionregistration.v1.WebhookClientConfig", "caBundle", "[]uint8", false, true},
  };
  for (const Row& row : rows) {
    const Field& field = field_of(row.definition, row.field);
    EXPECT_EQ(field.schema->go_type(), row.type) << row.field;
    EXPECT_EQ(field.pointer, row.pointer) << row.field;
    EXPECT_EQ(field.omit_empty, row.omit_empty) << row.field;
  }
}

TEST(Types, FieldsStandInTheOrderOfTheStruct) {
  constexpr std::string_view pod = "io.k8s.api.core.v1.Pod";
  EXPECT_EQ(field_of(pod, "kind").position, 0u);
  EXPECT_EQ(field_of(pod, "apiVersion").position, 1u);
  EXPECT_EQ(field_of(pod, "metadata").position, 2u);
  EXPECT_EQ(field_of(pod, "spec").position, 3u);
}

TEST(Types, EveryFieldIsFoundByItsName) {
  for (std::string_view definition :
       {"io.k8s.api.core.v1.PodSpec", "io.k8s.api.core.v1.Container", "io.k8s.api.core.v1.PersistentVolumeSpec",
        "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"}) {
    const Schema* schema = schema_definition(definition);
    ASSERT_TRUE(schema);
    for (const Field& field : schema->fields) {
      EXPECT_EQ(schema->field(field.name), &field) << field.name;
      EXPECT_EQ(&schema->fields[schema->by_position[field.position]], &field) << field.name;
      EXPECT_FALSE(schema->field(field.name + "x"));
    }
    EXPECT_FALSE(schema->field(""));
  }
}

TEST(Types, WhatGoPrintsOfAnUnsetField) {
  struct Row {
    std::string_view definition, field;
    Unset unset;
  };
  constexpr Row rows[] = {
      {"io.k8s.api.core.v1.Pod", "status", Unset::zero},               // a struct is never empty
      {"io.k8s.api.core.v1.PodSpec", "containers", Unset::null},       // no omitempty
      {"io.k8s.api.core.v1.PodSpec", "dnsPolicy", Unset::left_out},    // omitempty
      {"io.k8s.api.core.v1.Container", "name", Unset::zero},           // no omitempty
      {"io.k8s.api.core.v1.Event", "eventTime", Unset::null},          // a struct that prints as null
      {"io.k8s.api.core.v1.GRPCAction", "service", Unset::null},       // a pointer without omitempty
      {"io.k8s.api.core.v1.HTTPGetAction", "port", Unset::zero},       // 0
      {"io.k8s.api.apps.v1.ControllerRevision", "data", Unset::null},  // RawExtension by value
      {"io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "creationTimestamp", Unset::left_out},  // omitzero
  };
  for (const Row& row : rows) EXPECT_EQ(field_of(row.definition, row.field).unset, row.unset) << row.field;
}

TEST(Types, EmbeddedStructsAreNamedInPaths) {
  EXPECT_EQ(field_of("io.k8s.api.core.v1.Volume", "hostPath").go_path, "VolumeSource.hostPath");
  EXPECT_EQ(field_of("io.k8s.api.admissionregistration.v1.NamedRuleWithOperations", "apiGroups").go_path,
            "RuleWithOperations.Rule.apiGroups");
  EXPECT_EQ(field_of("io.k8s.api.core.v1.Volume", "name").go_path, "name");
}

TEST(Types, NumbersGoThroughEmbeddedMessages) {
  using Numbers = std::vector<std::uint32_t>;
  EXPECT_EQ(field_of("io.k8s.api.core.v1.ContainerPort", "protocol").numbers, Numbers{4});
  EXPECT_EQ(field_of("io.k8s.api.core.v1.EphemeralContainer", "image").numbers, (Numbers{1, 2}));
  EXPECT_EQ(field_of("io.k8s.api.admissionregistration.v1.RuleWithOperations", "apiGroups").numbers, (Numbers{2, 1}));
  EXPECT_EQ(field_of("io.k8s.api.core.v1.Pod", "kind").numbers, Numbers{});
}

}  // namespace
}  // namespace gatepost::kube
