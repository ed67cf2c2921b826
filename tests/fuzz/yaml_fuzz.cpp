// YAML of any bytes, whole and in parts: refused in words, or a tree whose places lie in the text; what converts is
// written and reads back.
#include <cstdint>
#include <string_view>

#include "json/write.h"
#include "yaml/convert.h"
#include "yaml/split.h"
#include "yaml/write.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const yaml::Part& part : yaml::split(text)) {
    auto tree = yaml::read(part.text, {.origin = part.origin});
    if (!tree) {
      if (tree.error().text.empty()) __builtin_trap();
      continue;
    }
    for (yaml::NodeId id = 0; id < tree->size(); ++id)
      if ((*tree)[id].start.offset > (*tree)[id].end.offset || (*tree)[id].end.offset > size) __builtin_trap();
    auto converted = yaml::convert(*tree, json::make_arena());
    if (!converted) continue;
    auto again = yaml::parse(yaml::write(converted->value), json::make_arena());
    std::string once = json::write(converted->value);
    if (!again) __builtin_trap();
    // -0.0 prints as -0, which is the integer 0.
    if (json::write(*again) != once && once.find("-0") == std::string::npos) __builtin_trap();
  }
  return 0;
}
