#include "cel/time_zone.h"

#include <charconv>
#include <fstream>
#include <string>

namespace gatepost::cel {

namespace {

constexpr std::size_t kLargestZoneFile = 65536;

std::optional<std::int32_t> fixed_offset(std::string_view zone) {
  const std::size_t colon = zone.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const bool negative = zone.starts_with('-');
  std::string_view hours = zone.substr(0, colon);
  if (negative || hours.starts_with('+')) hours.remove_prefix(1);
  const std::string_view minutes = zone.substr(colon + 1);
  int h = 0;
  int m = 0;
  const auto read = [](std::string_view text, int& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() && out >= 0;
  };
  if (!read(hours, h) || !read(minutes, m) || h > 24 || m > 59) return std::nullopt;
  const int seconds = h * 3600 + m * 60;
  return negative ? -seconds : seconds;
}

std::string read_zone_file(std::string_view zone) {
  if (zone.empty() || zone[0] == '/' || zone.find("..") != std::string_view::npos ||
      zone.find('\0') != std::string_view::npos)
    return "";
  std::ifstream in("/usr/share/zoneinfo/" + std::string(zone), std::ios::binary);
  std::string out(kLargestZoneFile, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return out;
}

std::int64_t big_endian(std::string_view data, std::size_t at, std::size_t bytes) {
  if (at + bytes > data.size()) return 0;
  std::uint64_t out = static_cast<signed char>(data[at]) < 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < bytes; ++i) out = out << 8 | static_cast<unsigned char>(data[at + i]);
  return static_cast<std::int64_t>(out);
}

// RFC 8536: a header with six counts, transition times, their types, then the types. The second block has 64-bit times.
std::optional<std::int32_t> offset_from_file(std::string_view data, std::int64_t seconds) {
  constexpr std::size_t kHeader = 44;
  if (data.size() < kHeader || data.substr(0, 4) != "TZif") return std::nullopt;
  const auto count = [&](std::size_t block, std::size_t index) {
    return static_cast<std::size_t>(big_endian(data, block + 20 + index * 4, 4)) & 0xffff;
  };
  std::size_t block = 0;
  std::size_t width = 4;
  if (data[4] >= '2') {
    block = kHeader + count(0, 3) * 5 + count(0, 4) * 6 + count(0, 5) + count(0, 2) * 8 + count(0, 1) + count(0, 0);
    width = 8;
  }
  if (block + kHeader > data.size()) return std::nullopt;
  const std::size_t times = count(block, 3);
  const std::size_t start = block + kHeader;
  const std::size_t types = start + times * (width + 1);
  std::size_t low = 0;
  std::size_t high = times;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (big_endian(data, start + middle * width, width) <= seconds)
      low = middle + 1;
    else
      high = middle;
  }
  const std::size_t index_at = start + times * width + low - 1;
  const std::size_t type = low == 0 ? 0 : index_at < data.size() ? static_cast<unsigned char>(data[index_at]) : 0;
  return static_cast<std::int32_t>(big_endian(data, types + type * 6, 4));
}

}  // namespace

std::optional<std::int32_t> zone_offset(std::string_view zone, std::int64_t seconds) {
  if (zone.empty() || zone == "UTC" || zone == "Z") return 0;
  if (zone.find(':') != std::string_view::npos) return fixed_offset(zone);
  return offset_from_file(read_zone_file(zone), seconds);
}

}  // namespace gatepost::cel
