// A document and a patch, split at the first newline, as JSON patch, merge patch and strategic merge patch of a Pod:
// applied or refused in words.
#include <cstdint>
#include <string_view>

#include "json/parse.h"
#include "kube/patch/patch.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  auto arena = json::make_arena();
  auto document = json::parse(text.substr(0, end), arena, {.max_depth = 200});
  auto patch = json::parse(text.substr(end + 1), arena, {.max_depth = 200});
  if (!document || !patch || !document->is_object()) return 0;
  json::Value one = *document, two = *document, three = *document;
  if (auto applied = kube::apply_json_patch(one, *patch); !applied && applied.error().text.empty()) __builtin_trap();
  kube::apply_merge_patch(two, *patch);
  if (auto applied = kube::apply_strategic_patch(three, *patch, {"", "v1", "Pod"});
      !applied && applied.error().message.empty())
    __builtin_trap();
  return 0;
}
