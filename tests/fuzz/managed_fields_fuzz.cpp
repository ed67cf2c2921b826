// Whatever comes as metadata.managedFields and as an applied configuration: what can be read is written so that it
// reads the same again, and updates and applies end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/field_manager.h"
#include "kube/apply/managers.h"

using namespace gatepost;
using namespace gatepost::kube::apply;

namespace {

constexpr std::size_t longest = 16 * 1024;

void read_and_write(const json::Value& entries) {
  FieldArena arena;
  auto managers = read_managers(arena, &entries);
  if (!managers) return;
  for (Manager& manager : *managers) manager.own(manager.fields);
  json::Value written = write_managers(*managers, json::Storage());
  auto again = read_managers(arena, &written);
  if (!again || again->size() != managers->size()) std::abort();
  if (json::write(write_managers(*again, json::Storage())) != json::write(written)) std::abort();
}

void write_objects(const json::Value& document) {
  const kube::GroupVersionKind kind{"", "v1", "Pod"};
  const json::Value* live = json::find(document, "live");
  const json::Value* object = json::find(document, "object");
  if (!object || !object->is_object() || (live && !live->is_object())) return;
  Writer writer{kind, "", "fuzz", WallTime()};
  json::Value updated = *object;
  track_update(live, updated, writer);
  if (auto applied = apply(live, *object, writer, Force::no); applied) json::write(*applied);
  if (auto applied = apply(live, *object, writer, Force::yes); applied) json::write(*applied);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > longest) return 0;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto document = json::parse(text, json::make_arena());
  if (!document) return 0;
  read_and_write(*document);
  write_objects(*document);
  return 0;
}
