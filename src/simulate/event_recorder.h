// Events as client-go's recorder writes them: one object for an occurrence, whose count goes up when it comes again.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "apiserver/call.h"
#include "simulate/controller.h"

namespace gatepost::simulate {

class EventRecorder {
 public:
  // `deps` outlives it.
  explicit EventRecorder(const apiserver::Deps& deps) : deps_(deps) {}
  net::Task<void> record(Occurrence occurrence);

 private:
  struct Known {
    std::string name;
    std::int64_t count = 0;
  };
  const apiserver::Deps& deps_;
  std::unordered_map<std::string, Known> known_;  // by what makes occurrences the same
  std::deque<std::string> order_;                 // the oldest is forgotten first
};

}  // namespace gatepost::simulate
