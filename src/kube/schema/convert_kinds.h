// Conversions between served versions whose shapes differ.
#pragma once

#include "json/value.h"

namespace gatepost::kube {

// "" Event <-> events.k8s.io/v1 Event: the same event under other names.
void event_to_events_group(json::Object& event);
void event_to_core_group(json::Object& event);

// autoscaling/v1 <-> v2. Version 1 knows one CPU target; what it cannot say it carries in annotations.
void autoscaler_to_v2(json::Object& autoscaler);
void autoscaler_to_v1(json::Object& autoscaler);

}  // namespace gatepost::kube
