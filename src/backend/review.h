// The AdmissionReview that a backend answers with, correct or wrong on purpose.
#pragma once

#include <string>
#include <string_view>

#include "backend/faults.h"

namespace gatepost::backend {

// The answer to the review in `request`; what cannot be read is answered as if its uid were empty.
std::string review_answer(std::string_view request, const ChosenFault& fault);

}  // namespace gatepost::backend
