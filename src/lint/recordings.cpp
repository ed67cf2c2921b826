#include "lint/recordings.h"

#include <algorithm>

#include "json/parse.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view patch_annotation = "patch.webhook.admission.k8s.io/";

std::string object_of(const json::Value& event) {
  const std::string_view group = json::string_at(event, {"objectRef", "apiGroup"}),
                         ns = json::string_at(event, {"objectRef", "namespace"});
  std::string out(json::string_at(event, {"objectRef", "resource"}));
  if (!group.empty()) out += "." + std::string(group);
  out += " ";
  if (!ns.empty()) out += std::string(ns) + "/";
  return out + std::string(json::string_at(event, {"objectRef", "name"}));
}

void read_patch(std::string_view text, const json::Value& event, std::uint32_t line, std::vector<RecordedPatch>& out) {
  auto value = json::parse(text, json::make_arena());
  if (!value) return;
  const json::Array* steps = json::array_at(*value, {"patch"});
  if (!steps) return;
  RecordedPatch& one = out.emplace_back();
  one.configuration = json::string_at(*value, {"configuration"});
  one.webhook = json::string_at(*value, {"webhook"});
  one.object = object_of(event);
  one.resource = json::string_at(event, {"objectRef", "resource"});
  one.patch = text;
  one.line = line;
  const json::Array* owners = json::array_at(event, {"requestObject", "metadata", "ownerReferences"});
  one.is_owned = owners && !owners->empty();
  for (const json::Value& step : *steps) {
    const json::Value* put = json::find(step, "value");
    one.steps.push_back({std::string(json::string_at(step, {"op"})), std::string(json::string_at(step, {"path"})),
                         put && put->is_array()});
  }
}

}  // namespace

std::vector<RecordedPatch> read_recordings(std::string_view log) {
  std::vector<RecordedPatch> out;
  std::uint32_t number = 0;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string_view line = log.substr(0, end);
    log.remove_prefix(std::min(end + 1, log.size()));
    ++number;
    if (line.find(patch_annotation) == std::string_view::npos) continue;
    auto event = json::parse(line, json::make_arena(), {.max_depth = 200});
    if (!event || json::string_at(*event, {"stage"}) == "RequestReceived") continue;
    const json::Object* annotations = json::object_at(*event, {"annotations"});
    if (!annotations) continue;
    for (const auto& member : *annotations)
      if (std::string_view(member.key()).starts_with(patch_annotation) && member.value().is_string())
        read_patch(json::view(member.value().get_string()), *event, number, out);
  }
  return out;
}

}  // namespace gatepost::lint
