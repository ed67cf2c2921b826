#include <array>

#include "formats/names.h"
#include "kube/validation/kinds.h"

// Events of both groups. They are one kind inside the server, whose names of fields the complaints use.
namespace gatepost::kube {
namespace {

constexpr std::size_t longest_reporter = 128, longest_action = 128, longest_reason = 128, longest_note = 1024;

struct EventNames {
  std::string_view involved, message, reporter;  // as the object has them
  std::string_view shown_reporter;
};

constexpr EventNames core_names{"involvedObject", "message", "reportingComponent", "reportingComponent"},
    events_names{"regarding", "note", "reportingController", "reportingController"};

void not_longer(Errors& errors, const Field& field, std::size_t most) {
  if (field.text().size() > most)
    errors.invalid_text(field, "", "can have at most " + std::to_string(most) + " characters");
}

void required_and_short(Errors& errors, const Field& field, std::size_t most) {
  if (field.text().empty()) errors.required(field);
  not_longer(errors, field, most);
}

void validate_event(Errors& errors, const Field& event, const EventNames& names) {
  Field metadata = event["metadata"], involved = event["involvedObject"].with(event[names.involved].value());
  std::string_view space = metadata["namespace"].text(), of = involved["namespace"].text();
  auto disagrees = [&] { errors.invalid_text(involved["namespace"], of, "does not match event.namespace"); };
  if (!event["eventTime"].present()) {
    bool agrees = of.empty() ? space == "default" || space.empty() : of == space;
    if (!agrees) disagrees();
  } else {
    if (of.empty() && space != "default" && space != "kube-system") disagrees();
    Field reporter = event[names.shown_reporter].with(event[names.reporter].value());
    if (reporter.text().empty()) errors.required(reporter);
    errors.invalid_each(reporter, reporter.text(), formats::label_key(reporter.text()));
    required_and_short(errors, event["reportingInstance"], longest_reporter);
    required_and_short(errors, event["action"], longest_action);
    required_and_short(errors, event["reason"], longest_reason);
    not_longer(errors, event["message"].with(event[names.message].value()), longest_note);
  }
  errors.invalid_each(event["namespace"], space, formats::dns1123_subdomain(space));
}

void create_core_event(Errors& errors, const Field& event) {
  validate_event(errors, event, core_names);
}

void validate_series(Errors& errors, const Field& series) {
  if (!series.present()) return;
  if (series["count"].integer() < 2) errors.invalid_text(series["count"], "", "should be at least 2");
  if (!series["lastObservedTime"].present()) errors.required(series["lastObservedTime"]);
}

void validate_as_core_event(Errors& errors, const Field& event) {
  validate_event(errors, event, events_names);
}

// What only the newer group asks; it refuses the fields of the older one.
void create_event(Errors& errors, const Field& event) {
  Field type = event["type"], source = event["deprecatedSource"];
  validate_series(errors, event["series"]);
  if (!event["eventTime"].present()) errors.required(event["eventTime"]);
  if (!type.is_one_of({"Normal", "Warning"}))
    errors.invalid_text(type, "", "has invalid value: " + std::string(type.text()));
  auto unset = [&](bool set, std::string_view shown_name) {
    if (set) errors.invalid_text(event[shown_name], "", "needs to be unset");
  };
  unset(event["deprecatedFirstTimestamp"].present(), "firstTimestamp");
  unset(event["deprecatedLastTimestamp"].present(), "lastTimestamp");
  unset(event["deprecatedCount"].integer() != 0, "count");
  unset(!source["component"].text().empty() || !source["host"].text().empty(), "source");
}

}  // namespace

std::span<const KindRules> event_rules() {
  static constexpr std::array rows = {
      KindRules{.group = "", .kind = "Event", .before_metadata = create_core_event},
      KindRules{
          .group = "events.k8s.io", .kind = "Event", .create = create_event, .before_metadata = validate_as_core_event},
  };
  return rows;
}

}  // namespace gatepost::kube
