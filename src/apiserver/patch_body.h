// The body of a patch: JSON of the form that its type wants, read strictly where unknown and doubled keys count.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "kube/patch/patch.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {

struct PatchBody {
  json::Value document;
  std::vector<std::string> complaints;  // of its own doubled keys and unknown fields; empty under ignore
};

// Refuses with the texts of kube-apiserver's patch handler, which are other ones under ignore.
kube::ApiResult<PatchBody> read_patch(std::string_view text, json::Storage arena, kube::PatchType type,
                                      kube::FieldValidation validation);

}  // namespace gatepost::apiserver
