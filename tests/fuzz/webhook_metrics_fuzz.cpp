#include <cstddef>
#include <cstdint>

#include "diagnose/webhook_metrics.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto table = gatepost::diagnose::read_webhook_metrics({reinterpret_cast<const char*>(data), size});
  for (const auto& [name, metrics] : table) {
    (void)metrics.quantile(0.5);
    (void)metrics.quantile(1);
  }
  return 0;
}
