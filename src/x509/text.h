// Small texts of certificates: character sets, hexadecimal, Go's quoting, dates, IP addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gatepost::x509 {

bool is_ascii(std::string_view text);
bool is_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t point);
// PrintableString as Go reads it: also '*' and '&'.
bool is_printable_string_char(char c);
std::string to_lower_ascii(std::string_view text);

std::string hex(std::string_view bytes);  // "0a1f"
// Go's %q of ASCII and valid UTF-8 text; other bytes as \xNN.
std::string quoted(std::string_view text);
// RFC 3339 in UTC, for any year from 0 to 9999: "9999-12-31T23:59:59Z".
std::string date_text(std::chrono::sys_seconds time);

// Go's net.ParseIP: 4 bytes for IPv4 (also written as ::ffff:a.b.c.d), 16 for IPv6; no zones, no leading zeros.
std::optional<std::string> parse_ip(std::string_view text);
// Go's IP.String() of 4 or 16 bytes; an IPv4-mapped address prints as IPv4.
std::string ip_text(std::string_view bytes);

}  // namespace gatepost::x509
