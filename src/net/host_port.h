// "host:port" strings, as Go's net.SplitHostPort and net.JoinHostPort read and write them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::net {

struct HostPort {
  std::string host;  // without brackets
  std::string port;
};

// The error's text is Go's: "address example.com: missing port in address".
Result<HostPort> split_host_port(std::string_view address);

// "[::1]:443" for a host with a colon.
std::string join_host_port(std::string_view host, std::string_view port);

}  // namespace gatepost::net
