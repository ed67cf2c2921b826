// namespaceSelector and objectSelector: whose labels are asked.
#include "admission/predicates/namespace_selector.h"
#include "admission/predicates/object_selector.h"
#include "admission/world.h"

namespace gatepost::admission {
namespace {

using testing::parsed;
using testing::World;

Result<kube::LabelSelector> selector(const char* text) {
  return kube::LabelSelector::from_object(parsed(text));
}

constexpr const char* of_test = R"({"matchLabels":{"stage":"test"}})";
constexpr const char* not_of_test = R"({"matchExpressions":[{"key":"stage","operator":"NotIn","values":["test"]}]})";

struct NamespaceRow {
  const char* name;
  const char* selector;
  const char* resource;
  const char* ns;
  Operation operation = Operation::create;
  const char* labels = "{}";  // of the object
  const char* told = "yes";   // yes, no, or the error's message
};

class NamespaceSelector : public ::testing::TestWithParam<NamespaceRow> {};

TEST_P(NamespaceSelector, Matches) {
  const NamespaceRow& row = GetParam();
  World world;
  NamespaceLabels labels(*world.store);
  world.put("/namespaces", "", "plain", R"({"metadata":{"name":"plain"}})");
  Attributes attributes;
  attributes.resource = {"", "v1", row.resource};
  attributes.ns = row.ns;
  attributes.operation = row.operation;
  attributes.object = {{"metadata", {{"labels", parsed(row.labels)}}}};
  auto result = matches_namespace(selector(row.selector), attributes, labels);
  EXPECT_EQ(result ? *result ? "yes" : "no" : result.error().message, row.told);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, NamespaceSelector,
    ::testing::Values(
        NamespaceRow{"empty_selects_all", "{}", "pods", "missing"}, NamespaceRow{"equal", of_test, "pods", "team"},
        NamespaceRow{"no_labels", of_test, "pods", "plain", Operation::create, "{}", "no"},
        NamespaceRow{"not_in", not_of_test, "pods", "team", Operation::create, "{}", "no"},
        NamespaceRow{"not_in_without_labels", not_of_test, "pods", "plain"},
        NamespaceRow{"missing_namespace", of_test, "pods", "missing", Operation::create, "{}",
                     "namespaces \"missing\" not found"},
        // What has no namespace is not asked.
        NamespaceRow{"cluster_scope", of_test, "nodes", ""},
        // A Namespace is judged by its own labels: as it will be, or as it is stored when it goes.
        NamespaceRow{"created_namespace", of_test, "namespaces", "new", Operation::create, R"({"stage":"test"})"},
        NamespaceRow{"created_namespace_without", of_test, "namespaces", "new", Operation::create, "{}", "no"},
        NamespaceRow{"updated_namespace_by_its_new_labels", of_test, "namespaces", "team", Operation::update, "{}",
                     "no"},
        NamespaceRow{"deleted_namespace_by_its_stored_labels", of_test, "namespaces", "team", Operation::remove, "{}"},
        NamespaceRow{"bad_selector", R"({"matchExpressions":[{"key":"a","operator":"Like"}]})", "pods", "team",
                     Operation::create, "{}",
                     "Internal error occurred: \"Like\" is not a valid label selector operator"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(NamespaceSelector, FollowsTheStore) {
  World world;
  NamespaceLabels labels(*world.store);
  Attributes attributes = World::create();
  EXPECT_TRUE(*matches_namespace(selector(of_test), attributes, labels));
  world.put("/namespaces", "", "team", R"({"metadata":{"name":"team","labels":{"stage":"live"}}})");
  EXPECT_FALSE(*matches_namespace(selector(of_test), attributes, labels));
  world.remove("/namespaces", "", "team");
  EXPECT_FALSE(matches_namespace(selector(of_test), attributes, labels));
}

struct ObjectRow {
  const char* name;
  const char* selector;
  const char* object;
  const char* old_object;
  bool matches;
};

class ObjectSelector : public ::testing::TestWithParam<ObjectRow> {};

TEST_P(ObjectSelector, Matches) {
  const ObjectRow& row = GetParam();
  auto result = matches_object(selector(row.selector), parsed(row.object), parsed(row.old_object));
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, row.matches);
}

constexpr const char* labelled = R"({"metadata":{"labels":{"stage":"test"}}})";
constexpr const char* plain = R"({"metadata":{}})";

INSTANTIATE_TEST_SUITE_P(Rows, ObjectSelector,
                         ::testing::Values(ObjectRow{"empty_selects_nothing_too", "{}", "null", "null", true},
                                           ObjectRow{"new", of_test, labelled, "null", true},
                                           ObjectRow{"neither", of_test, plain, plain, false},
                                           // A label that is taken away or added still selects: one of both is enough.
                                           ObjectRow{"old", of_test, plain, labelled, true},
                                           ObjectRow{"deleted", of_test, "null", labelled, true},
                                           ObjectRow{"not_in", not_of_test, labelled, labelled, false},
                                           ObjectRow{"not_in_of_a_change", not_of_test, labelled, plain, true},
                                           ObjectRow{"no_object_carries_no_labels", not_of_test, "null", "null", false},
                                           ObjectRow{"options_have_no_metadata", not_of_test, R"({"stdin":true})",
                                                     "null", false}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Selectors, DecideWhoIsCalled) {
  World world;
  world.configure(HookType::validating, "a",
                  {{"by-namespace", R"({"namespaceSelector":{"matchLabels":{"stage":"live"}}})"},
                   {"by-object", R"({"objectSelector":{"matchLabels":{"a":"b"}}})"},
                   {"both", R"({"namespaceSelector":{"matchLabels":{"stage":"test"}},
                                "objectSelector":{"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]}})"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(world.paths(), std::vector<std::string>{"both"});
}

}  // namespace
}  // namespace gatepost::admission
