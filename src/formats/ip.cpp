#include "formats/ip.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace gatepost::formats {

namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "\"";
}

// Reads one address; remembers the whole text for errors.
class Reader {
 public:
  explicit Reader(std::string_view text) : whole_(text), rest_(text) {}

  Result<Ip> read() {
    for (const char c : whole_) {
      if (c == '.') return read_v4();
      if (c == ':') return read_v6();
      if (c == '%') return fail(problem("missing IPv6 address"));
    }
    return fail(problem("unable to parse IP"));
  }

 private:
  std::string problem(std::string_view message) const {
    return "ParseAddr(" + quoted(whole_) + "): " + std::string(message);
  }
  std::string problem(std::string_view message, std::string_view at) const {
    return problem(message) + " (at " + quoted(at) + ")";
  }

  Result<Ip> read_v4() {
    Ip out;
    if (auto done = read_fields(rest_, out.bytes.data()); !done) return fail_with(std::move(done.error()));
    return out;
  }

  // Four decimal fields.
  Result<void> read_fields(std::string_view text, std::uint8_t* into) const {
    int value = 0;
    int digits = 0;
    int fields = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c >= '0' && c <= '9') {
        if (digits == 1 && value == 0) return fail(problem("IPv4 field has octet with leading zero"));
        value = value * 10 + (c - '0');
        ++digits;
        if (value > 255) return fail(problem("IPv4 field has value >255"));
      } else if (c == '.') {
        if (i == 0 || i + 1 == text.size() || text[i - 1] == '.')
          return fail(problem("IPv4 field must have at least one digit", text.substr(i)));
        if (fields == 3) return fail(problem("IPv4 address too long"));
        into[fields++] = static_cast<std::uint8_t>(value);
        value = digits = 0;
      } else {
        return fail(problem("unexpected character", text.substr(i)));
      }
    }
    if (fields < 3) return fail(problem("IPv4 address too short"));
    into[3] = static_cast<std::uint8_t>(value);
    return {};
  }

  Result<Ip> read_v6() {
    Ip out;
    out.v6 = true;
    const std::size_t percent = rest_.find('%');
    if (percent != std::string_view::npos) {
      out.zone = rest_.substr(percent + 1);
      rest_ = rest_.substr(0, percent);
      if (out.zone.empty()) return fail(problem("zone must be a non-empty string"));
    }
    std::size_t ellipsis = kNone;
    if (rest_.starts_with("::")) {
      ellipsis = 0;
      rest_.remove_prefix(2);
      if (rest_.empty()) return out;
    }
    std::size_t filled = 0;
    while (filled < 16) {
      auto more = read_group(out, filled, ellipsis);
      if (!more) return fail_with(std::move(more.error()));
      if (!*more) break;
    }
    if (!rest_.empty()) return fail(problem("trailing garbage after address", rest_));
    if (filled < 16) {
      if (ellipsis == kNone) return fail(problem("address string too short"));
      std::copy_backward(out.bytes.begin() + static_cast<std::ptrdiff_t>(ellipsis),
                         out.bytes.begin() + static_cast<std::ptrdiff_t>(filled), out.bytes.end());
      std::fill_n(out.bytes.begin() + static_cast<std::ptrdiff_t>(ellipsis), 16 - filled, std::uint8_t{0});
    } else if (ellipsis != kNone) {
      return fail(problem("the :: must expand to at least one field of zeros"));
    }
    return out;
  }

  // One group of digits and what separates it from the next; false at the end.
  Result<bool> read_group(Ip& out, std::size_t& filled, std::size_t& ellipsis) {
    std::size_t digits = 0;
    std::uint32_t value = 0;
    for (; digits < rest_.size(); ++digits) {
      const char c = rest_[digits];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) break;
      value = value << 4 | static_cast<std::uint32_t>(digit);
      if (digits > 3) return fail(problem("each group must have 4 or fewer digits", rest_));
    }
    if (digits == 0) return fail(problem("each colon-separated field must have at least one digit", rest_));
    if (digits < rest_.size() && rest_[digits] == '.') {
      if (ellipsis == kNone && filled != 12)
        return fail(problem("embedded IPv4 address must replace the final 2 fields of the address", rest_));
      if (filled + 4 > 16)
        return fail(problem("too many hex fields to fit an embedded IPv4 at the end of the address", rest_));
      if (auto done = read_fields(rest_, out.bytes.data() + filled); !done) return fail_with(std::move(done.error()));
      rest_ = {};
      filled += 4;
      return false;
    }
    out.bytes[filled++] = static_cast<std::uint8_t>(value >> 8);
    out.bytes[filled++] = static_cast<std::uint8_t>(value);
    rest_.remove_prefix(digits);
    if (rest_.empty()) return false;
    if (rest_[0] != ':') return fail(problem("unexpected character, want colon", rest_));
    if (rest_.size() == 1) return fail(problem("colon must be followed by more characters", rest_));
    rest_.remove_prefix(1);
    if (rest_[0] != ':') return true;
    if (ellipsis != kNone) return fail(problem("multiple :: in address", rest_));
    ellipsis = filled;
    rest_.remove_prefix(1);
    return !rest_.empty();
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string_view whole_;
  std::string_view rest_;
};

std::uint16_t group(const Ip& ip, std::size_t index) {
  return static_cast<std::uint16_t>(ip.bytes[index * 2] << 8 | ip.bytes[index * 2 + 1]);
}

std::string v4_text(const std::uint8_t* bytes) {
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

bool same_start(const Ip& a, const Ip& b, int bits) {
  for (int i = 0; i < bits; ++i) {
    const auto byte = static_cast<std::size_t>(i / 8);
    const int mask = 0x80 >> (i % 8);
    if ((a.bytes[byte] & mask) != (b.bytes[byte] & mask)) return false;
  }
  return true;
}

}  // namespace

bool Ip::is_mapped_v4() const {
  if (!v6) return false;
  for (std::size_t i = 0; i < 5; ++i)
    if (group(*this, i) != 0) return false;
  return group(*this, 5) == 0xffff;
}

bool Ip::is_unspecified() const {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; }) && zone.empty();
}

bool Ip::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes[15] == 1;
}

bool Ip::is_link_local_unicast() const {
  return v6 ? bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 : bytes[0] == 169 && bytes[1] == 254;
}

bool Ip::is_link_local_multicast() const {
  return v6 ? bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02 : bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0;
}

bool Ip::is_multicast() const {
  return v6 ? bytes[0] == 0xff : (bytes[0] & 0xf0) == 0xe0;
}

bool Ip::is_global_unicast() const {
  const bool broadcast = !v6 && std::all_of(bytes.begin(), bytes.begin() + 4, [](std::uint8_t b) { return b == 255; });
  return !is_unspecified() && !broadcast && !is_loopback() && !is_multicast() && !is_link_local_unicast();
}

Result<Ip> parse_ip(std::string_view text) {
  return Reader(text).read();
}

std::string ip_text(const Ip& ip) {
  if (!ip.v6) return v4_text(ip.bytes.data());
  std::string out;
  if (ip.is_mapped_v4()) {
    out = "::ffff:" + v4_text(ip.bytes.data() + 12);
  } else {
    // The longest run of two or more zero groups becomes "::".
    std::size_t run_start = 8;
    std::size_t run = 1;
    for (std::size_t i = 0; i < 8; ++i) {
      std::size_t end = i;
      while (end < 8 && group(ip, end) == 0) ++end;
      if (end - i > run) {
        run_start = i;
        run = end - i;
      }
    }
    for (std::size_t i = 0; i < 8; ++i) {
      if (i == run_start) {
        out += "::";
        i += run - 1;
        continue;
      }
      if (!out.empty() && !out.ends_with(':')) out += ':';
      out += fmt::format("{:x}", group(ip, i));
    }
  }
  return ip.zone.empty() ? out : out + "%" + ip.zone;
}

bool Prefix::contains(const Ip& other) const {
  return ip.v6 == other.v6 && other.zone.empty() && same_start(ip, other, bits);
}

bool Prefix::overlaps(const Prefix& other) const {
  return ip.v6 == other.ip.v6 && same_start(ip, other.ip, std::min(bits, other.bits));
}

Prefix Prefix::masked() const {
  Prefix out = *this;
  for (int i = bits; i < ip.bits(); ++i)
    out.ip.bytes[static_cast<std::size_t>(i / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (i % 8)));
  return out;
}

Result<Prefix> parse_prefix(std::string_view text) {
  const auto problem = [&](std::string_view message) {
    return fail("netip.ParsePrefix(" + quoted(text) + "): " + std::string(message));
  };
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return problem("no '/'");
  auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return problem(ip.error().text);
  if (!ip->zone.empty()) return problem("IPv6 zones cannot be present in a prefix");
  const std::string_view bits_text = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits);
  const bool bad_start = bits_text.size() > 1 && (bits_text[0] < '1' || bits_text[0] > '9');
  if (bad_start || error != std::errc{} || end != bits_text.data() + bits_text.size())
    return problem("bad bits after slash: " + quoted(bits_text));
  if (bits < 0 || bits > ip->bits()) return problem("prefix length out of range");
  return Prefix{std::move(*ip), bits};
}

std::string prefix_text(const Prefix& prefix) {
  return ip_text(prefix.ip) + "/" + std::to_string(prefix.bits);
}

}  // namespace gatepost::formats
