// Events on the objects that repairs change, so that others see who did it. Best effort: an event that cannot be
// written never stops a repair.
#pragma once

#include <string>

#include "remedy/api.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

net::Task<void> tell_object(Api* api, ObjectRef ref, json::Value object, Repair repair, std::string what);

}  // namespace gatepost::remedy
