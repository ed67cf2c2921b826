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

TEST(Types, NumbersGoThroughEmbeddedMessages) {
  using Numbers = std::vector<std::uint32_t>;
  EXPECT_EQ(field_of("io.k8s.api.core.v1.ContainerPort", "protocol").numbers, Numbers{4});
  EXPECT_EQ(field_of("io.k8s.api.core.v1.EphemeralContainer", "image").numbers, (Numbers{1, 2}));
  EXPECT_EQ(field_of("io.k8s.api.admissionregistration.v1.RuleWithOperations", "apiGroups").numbers, (Numbers{2, 1}));
  EXPECT_EQ(field_of("io.k8s.api.core.v1.Pod", "kind").numbers, Numbers{});
}

}  // namespace
}  // namespace gatepost::kube
