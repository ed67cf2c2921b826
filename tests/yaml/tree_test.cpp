#include "yaml/tree.h"

#include <gtest/gtest.h>

#include "yaml/split.h"

namespace gatepost::yaml {
namespace {

TEST(Tree, PlacesAreBytesLinesAndColumns) {
  const std::string text = "\xef\xbb\xbf# é\nkey: \"ü\"\nlist:\n  - one\n  - two\n";
  auto tree = read(text);
  ASSERT_TRUE(tree) << tree.error().text;
  auto children = tree->children(tree->root());
  ASSERT_EQ(children.size(), 4u);
  const Node& value = (*tree)[children[1]];
  EXPECT_EQ(value.text, "ü");
  EXPECT_EQ(value.style, Style::double_quoted);
  EXPECT_EQ(text.substr(value.start.offset, value.end.offset - value.start.offset), "\"ü\"");
  EXPECT_EQ(value.start.line, 2u);
  EXPECT_EQ(value.start.column, 6u);
  const Node& list = (*tree)[children[3]];
  const Node& two = (*tree)[tree->children(list)[1]];
  EXPECT_EQ(text.substr(two.start.offset, two.end.offset - two.start.offset), "two");
  EXPECT_EQ(two.start.line, 5u);
}

TEST(Tree, OriginIsAdded) {
  const std::string file = "a: 1\n---\n# only a comment\n---\nb:\n  c: x\n--- # third\nd: [\n";
  auto parts = split(file);
  ASSERT_EQ(parts.size(), 3u);
  auto tree = read(parts[1].text, {.origin = parts[1].origin});
  ASSERT_TRUE(tree);
  const Node& inner = (*tree)[tree->children(tree->root())[1]];
  const Node& leaf = (*tree)[tree->children(inner)[1]];
  EXPECT_EQ(leaf.start.line, 6u);
  EXPECT_EQ(file.substr(leaf.start.offset, 1), "x");
  auto broken = read(parts[2].text, {.origin = parts[2].origin});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().text, "yaml: line 8: did not find expected node content");
}

}  // namespace
}  // namespace gatepost::yaml
