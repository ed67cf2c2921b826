// GP907, GP908: what webhooks did, by an audit log.
#include <map>
#include <set>

#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::size_t fight = 3;  // times that the same patch makes a loop

const Webhook* find_webhook(const Model& model, const RecordedPatch& patch) {
  for (const Webhook& webhook : model.webhooks())
    if (webhook.name == patch.webhook && (patch.configuration.empty() || webhook.owner->name == patch.configuration))
      return &webhook;
  return nullptr;
}

// At the line of the log.
void add(const Model& model, Sink& sink, const RecordedPatch& patch, std::string message) {
  sink.add(Hit{.manifest = nullptr,
               .path = {},
               .message = std::move(message),
               .webhook = find_webhook(model, patch),
               .severity = std::nullopt,
               .file = model.recorded_file(),
               .line = patch.line,
               .column = 1});
}

bool has_pod_template(std::string_view resource) {
  return is_one_of(resource, {"deployments", "replicasets", "statefulsets", "daemonsets", "jobs"});
}

// Why a step is one that others will not leave alone; empty if it is fine.
std::string conflict(const RecordedPatch& patch, const PatchStep& step) {
  if (step.op == "replace" && step.is_array) return fmt::format("replaces the whole list {}", step.path);
  if (step.path.starts_with("/spec/selector") || step.path.starts_with("/metadata/ownerReferences") ||
      (has_pod_template(patch.resource) && step.path.starts_with("/spec/template/metadata/labels")))
    return fmt::format("changes {}, by which objects find each other", step.path);
  if (step.path == "/metadata/labels" && step.op == "replace") return "replaces all labels";
  if (patch.is_owned && step.path.starts_with("/spec") && patch.resource != "pods")
    return fmt::format("changes {} of an object that its owner keeps as it is", step.path);
  return "";
}

void patches_arrays_or_immutables(const Model& model, Sink& sink) {
  std::set<std::pair<std::string, std::string>> told;
  for (const RecordedPatch& patch : model.recorded())
    for (const PatchStep& step : patch.steps) {
      const std::string why = conflict(patch, step);
      if (!why.empty() && told.emplace(patch.webhook, why).second)
        add(model, sink, patch, fmt::format("{} {} ({})", patch.webhook, why, patch.object));
    }
}

void mutation_loop(const Model& model, Sink& sink) {
  std::map<std::array<std::string, 3>, std::size_t> counts;
  for (const RecordedPatch& patch : model.recorded())
    if (++counts[{patch.webhook, patch.object, patch.patch}] == fight)
      add(model, sink, patch,
          fmt::format("{} makes the same patch of {} again and again: somebody takes it back each time", patch.webhook,
                      patch.object));
}

constexpr Rule rules[] = {{"GP907", patches_arrays_or_immutables}, {"GP908", mutation_loop}};

}  // namespace

std::span<const Rule> recorded_rules() {
  return rules;
}

}  // namespace gatepost::lint
