// Names to addresses by the system's resolver (getaddrinfo on a thread of its own), with the error texts of Go's
// resolver, which name the server asked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/error.h"
#include "net/task.h"

namespace gatepost::net::dns {

struct Address {
  std::string ip;  // without brackets, with a zone if it has one
  std::uint16_t port = 0;
};

// An IP address is given back as it is. The texts: "lookup nowhere.example on 10.0.0.10:53: no such host"; when the
// deadline passes first: "lookup nowhere.example: i/o timeout".
Task<NetResult<std::vector<Address>>> resolve(std::string host, std::string port, SteadyTime deadline);

// "443" or a service's name ("https"). The error's text: "address 70000: invalid port".
NetResult<std::uint16_t> port_number(std::string_view port);

// The first `nameserver` of a resolv.conf text as "10.0.0.10:53"; Go's default 127.0.0.1:53 when there is none.
std::string first_nameserver(std::string_view resolv_conf);

// Whether Go would ask a server for this name at all (net.isDomainName).
bool is_domain_name(std::string_view name);

}  // namespace gatepost::net::dns
