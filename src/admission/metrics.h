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
};

}  // namespace gatepost::admission
