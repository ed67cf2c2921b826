#include <cstddef>
#include <cstdint>
#include <string>

#include "rehearse/input.h"

// Manifests and snapshots, from anywhere.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto registry = gatepost::kube::Registry::builtin();
  gatepost::rehearse::Input input;
  (void)gatepost::rehearse::read_text("fuzz", std::string(reinterpret_cast<const char*>(data), size), *registry, input);
  return 0;
}
