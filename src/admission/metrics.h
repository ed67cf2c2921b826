// kube-apiserver's admission metrics: names, labels and buckets as recorded from the real server.
#pragma once

#include <string>

#include "admission/attributes.h"
#include "admission/hook.h"
#include "metrics/metrics.h"

namespace gatepost::admission {

class Metrics {
 public:
  Metrics();
  void called(const Hook& hook, std::string_view operation, double seconds, int code, bool rejected);
  void failed_open(const Hook& hook);
  void rejected(const Hook& hook, std::string_view operation, std::string_view error_type, int code);
  // Expressions of policies. `action`: allow (an error that does not count), deny, audit, warn. `error`: the text of
  // what failed; empty: nothing.
  void validated(std::string_view policy, std::string_view binding, std::string_view error, std::string_view action,
                 double seconds);
  void mutated(std::string_view policy, std::string_view binding, std::string_view error, double seconds);
  void step(std::string_view type, std::string_view operation, bool rejected, double seconds);
  void write(std::string& out) const { registry_.write(out); }

 private:
  metrics::Registry registry_;
  metrics::Family<metrics::Histogram>& step_seconds_;
  metrics::Family<metrics::Summary>& step_summary_;
  metrics::Family<metrics::Histogram>& webhook_seconds_;
  metrics::Family<metrics::Counter>& fail_open_;
  metrics::Family<metrics::Counter>& rejections_;
  metrics::Family<metrics::Counter>& requests_;
  metrics::Family<metrics::Counter>& validations_;
  metrics::Family<metrics::Histogram>& validation_seconds_;
  metrics::Family<metrics::Counter>& mutations_;
  metrics::Family<metrics::Histogram>& mutation_seconds_;
};

}  // namespace gatepost::admission
