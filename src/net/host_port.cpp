#include "net/host_port.h"

namespace gatepost::net {

Result<HostPort> split_host_port(std::string_view address) {
  auto refuse = [&](std::string_view why) { return fail("address " + std::string(address) + ": " + std::string(why)); };
  std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return refuse("missing port in address");
  HostPort out;
  std::size_t open_from = 0, close_from = 0;
  if (!address.empty() && address[0] == '[') {
    std::size_t end = address.find(']');
    if (end == std::string_view::npos) return refuse("missing ']' in address");
    if (end + 1 == address.size()) return refuse("missing port in address");
    if (end + 1 != colon)
      return refuse(address[end + 1] == ':' ? "too many colons in address" : "missing port in address");
    out.host = address.substr(1, end - 1);
    open_from = 1;
    close_from = end + 1;
  } else {
    out.host = address.substr(0, colon);
    if (out.host.find(':') != std::string::npos) return refuse("too many colons in address");
  }
  if (address.find('[', open_from) != std::string_view::npos) return refuse("unexpected '[' in address");
  if (address.find(']', close_from) != std::string_view::npos) return refuse("unexpected ']' in address");
  out.port = address.substr(colon + 1);
  return out;
}

std::string join_host_port(std::string_view host, std::string_view port) {
  std::string out;
  out.reserve(host.size() + port.size() + 3);
  bool brackets = host.find(':') != std::string_view::npos;
  if (brackets) out += '[';
  out += host;
  if (brackets) out += ']';
  out += ':';
  out += port;
  return out;
}

}  // namespace gatepost::net
