// When a line of a log was written: klog, RFC 3339, ISO with a space, Go's log package, syslog (journald), and the time
// keys of JSON lines and audit events.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatepost::explain {

// Unix seconds. `before` is the line up to the error (so that dates inside the error do not count), `after` what
// follows it. klog and syslog have no year: the one that puts the time not after `now` (plus a day of clock skew) is
// taken.
std::optional<std::int64_t> log_time(std::string_view before, std::string_view after, std::int64_t now);

// A time such as 2026-11-25T10:00:00.5+01:00 at the start of `text`; without a zone it is UTC.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace gatepost::explain
