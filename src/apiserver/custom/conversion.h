// Custom objects between the versions of their definition: those of strategy None differ in name only, those of
// strategy Webhook are sent to the definition's webhook (apiextensions-apiserver's conversion package), through the
// same clients as admission webhooks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "admission/targets.h"
#include "json/value.h"
#include "kube/crd/definition.h"
#include "kube/status.h"
#include "net/task.h"

namespace gatepost::apiserver {

class Converter {
 public:
  explicit Converter(admission::TargetCache& targets) : targets_(targets) {}

  // `object` in `to`, decoded by its schema. The error is the answer to the client, without a reason.
  net::Task<kube::ApiResult<json::Value>> convert(json::Value object,
                                                  std::shared_ptr<const kube::crd::Definition> definition,
                                                  const kube::crd::Version* to);

 private:
  net::Task<Result<json::Value>> call_webhook(json::Value object,
                                              std::shared_ptr<const kube::crd::Definition> definition,
                                              std::string wanted);

  admission::TargetCache& targets_;
  std::map<std::string, admission::Target::Handle> held_;  // by definition
};

}  // namespace gatepost::apiserver
