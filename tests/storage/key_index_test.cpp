#include "storage/key_index.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace gatepost::storage {
namespace {

// Random work on the index and on a std::map beside it; they must agree all the time.
TEST(KeyIndex, AgreesWithAMap) {
  for (const int distinct : {50, 700, 20000}) {
    KeyIndex index;
    std::map<std::string, Revision> model;
    std::mt19937 random(static_cast<unsigned>(distinct));
    for (Revision step = 1; step <= 40000; ++step) {
      const int number = static_cast<int>(random() % static_cast<unsigned>(distinct));
      const std::string key = compose_key("ns" + std::to_string(number % 7), "name-" + std::to_string(number));
      if (random() % 3 == 0) {
        ASSERT_EQ(index.erase(key), model.erase(key) == 1);
      } else {
        index.put(key, {nullptr, step, step});
        model[key] = step;
      }
      ASSERT_EQ(index.size(), model.size());
      const Record* found = index.find(key);
      ASSERT_EQ(found != nullptr, model.contains(key));
      if (found) ASSERT_EQ(found->revision, step);
    }
    auto at = index.lower_bound("");
    for (const auto& [key, revision] : model) {
      ASSERT_TRUE(at.valid());
      ASSERT_EQ(at.key(), key);
      ASSERT_EQ(at.record().revision, revision);
      at.advance();
    }
    EXPECT_FALSE(at.valid());
    for (int i = 0; i < 200; ++i) {
      const std::string from = compose_key("ns" + std::to_string(random() % 8), std::to_string(random() % 100));
      const auto expected = model.lower_bound(from);
      const auto cursor = index.lower_bound(from);
      ASSERT_EQ(cursor.valid(), expected != model.end());
      if (cursor.valid()) ASSERT_EQ(cursor.key(), expected->first);
      ASSERT_EQ(index.distance(cursor, index.lower_bound("\xff")),
                static_cast<std::size_t>(std::distance(expected, model.end())));
    }
  }
}

TEST(KeyIndex, OrdersByNamespaceThenName) {
  EXPECT_LT(compose_key("a", "z"), compose_key("a-b", "a"));
  EXPECT_LT(compose_key("", "z"), compose_key("a", "a"));
  EXPECT_EQ(namespace_of(compose_key("a", "z")), "a");
  EXPECT_EQ(name_of(compose_key("", "z")), "z");
}

TEST(KeyIndex, EmptiesAndFillsAgain) {
  KeyIndex index;
  EXPECT_FALSE(index.erase("x"));
  EXPECT_EQ(index.find("x"), nullptr);
  EXPECT_FALSE(index.lower_bound("").valid());
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) index.put(compose_key("", std::to_string(i)), {});
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(index.erase(compose_key("", std::to_string(i))));
    EXPECT_EQ(index.size(), 0u);
    EXPECT_FALSE(index.lower_bound("").valid());
  }
}

}  // namespace
}  // namespace gatepost::storage
