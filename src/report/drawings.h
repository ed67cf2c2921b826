// Drawings of a finding for the HTML page, as SVG without script: the call's path with its broken hop, the certificates
// on a common time line, the steps of a call as bars.
#pragma once

#include <cstdint>
#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string svg_call_path(const Finding& finding);

// `now` in Unix seconds draws a line there; 0: none.
std::string svg_certificates(const Finding& finding, std::int64_t now);

std::string svg_latencies(const Finding& finding);

}  // namespace gatepost::report
