#include "kube/schema/convert_kinds.h"
#include "kube/schema/default_hooks.h"

namespace gatepost::kube {
namespace {

enum class Shown { when_set, always_text, always_object, always_null };

struct EventField {
  std::string_view core, events;
  Shown in_core, in_events;  // how the Go types print the field when it is empty
};

constexpr EventField event_fields[] = {
    {"kind", "kind", Shown::when_set, Shown::when_set},
    {"apiVersion", "apiVersion", Shown::when_set, Shown::when_set},
    {"metadata", "metadata", Shown::always_object, Shown::always_object},
    {"involvedObject", "regarding", Shown::always_object, Shown::always_object},
    {"reason", "reason", Shown::when_set, Shown::when_set},
    {"message", "note", Shown::when_set, Shown::when_set},
    {"source", "deprecatedSource", Shown::always_object, Shown::always_object},
    {"firstTimestamp", "deprecatedFirstTimestamp", Shown::always_null, Shown::always_null},
    {"lastTimestamp", "deprecatedLastTimestamp", Shown::always_null, Shown::always_null},
    {"count", "deprecatedCount", Shown::when_set, Shown::when_set},
    {"type", "type", Shown::when_set, Shown::when_set},
    {"eventTime", "eventTime", Shown::always_null, Shown::always_null},
    {"series", "series", Shown::when_set, Shown::when_set},
    {"action", "action", Shown::when_set, Shown::when_set},
    {"related", "related", Shown::when_set, Shown::when_set},
    {"reportingComponent", "reportingController", Shown::always_text, Shown::when_set},
    {"reportingInstance", "reportingInstance", Shown::always_text, Shown::when_set},
};

void show_empty(json::Object& event, std::string_view name, Shown shown) {
  switch (shown) {
    case Shown::when_set:
      return;
    case Shown::always_text:
      event.emplace(name, "");
      return;
    case Shown::always_object:
      event.emplace(name, json::Object());
      return;
    case Shown::always_null:
      event.emplace(name, nullptr);
      return;
  }
}

template <class NameOf, class ShownOf>
void rename(json::Object& event, NameOf from, NameOf to, ShownOf shown) {
  json::Object renamed(event.storage());
  renamed.reserve(std::size(event_fields));
  for (const EventField& field : event_fields) {
    json::Value* value = event.if_contains(field.*from);
    bool empty = !value || value->is_null() || (value->is_string() && value->get_string().empty());
    if (empty)
      show_empty(renamed, field.*to, field.*shown);
    else
      renamed.emplace(field.*to, std::move(*value));
  }
  event = std::move(renamed);
}

}  // namespace

void event_to_events_group(json::Object& event) {
  rename(event, &EventField::core, &EventField::events, &EventField::in_events);
}

void event_to_core_group(json::Object& event) {
  rename(event, &EventField::events, &EventField::core, &EventField::in_core);
}

}  // namespace gatepost::kube
