// The audit log of a server: its policy and where the events go.
#pragma once

#include <memory>

#include "apiserver/audit/log.h"
#include "apiserver/audit/record.h"

namespace gatepost::apiserver::audit {

class Recorder {
 public:
  Recorder(Policy policy, std::unique_ptr<Log> log) : policy_(std::move(policy)), log_(std::move(log)) {}

  Decision decide(const admission::UserInfo& user, const RequestInfo& info) const { return policy_.decide(user, info); }
  void log(const Record& record, Stage stage, WallTime now) const {
    if (record.decision.records(stage)) log_->write(print(record, stage, now));
  }

 private:
  Policy policy_;
  std::unique_ptr<Log> log_;
};

}  // namespace gatepost::apiserver::audit
