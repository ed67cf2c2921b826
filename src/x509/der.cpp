#include "x509/der.h"

#include <charconv>

namespace gatepost::x509 {

std::optional<DerElement> Der::any() {
  if (rest_.size() < 2) return std::nullopt;
  const auto byte = [this](std::size_t i) { return static_cast<std::uint8_t>(rest_[i]); };
  const std::uint8_t found = byte(0);
  if ((found & 0x1f) == 0x1f) return std::nullopt;
  std::size_t header = 2;
  std::uint64_t length = byte(1);
  if (length & 0x80) {
    const std::size_t count = length & 0x7f;
    if (count == 0 || count > 4 || rest_.size() < 2 + count) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = length << 8 | byte(2 + i);
    if (length < 128 || length >> ((count - 1) * 8) == 0) return std::nullopt;
    header += count;
  }
  if (length > rest_.size() - header) return std::nullopt;
  DerElement element{found, rest_.substr(0, header + length), rest_.substr(header, length)};
  rest_.remove_prefix(header + length);
  return element;
}

std::optional<DerElement> Der::element(std::uint8_t wanted) {
  if (!next_is(wanted)) return std::nullopt;
  return any();
}

std::optional<std::string_view> Der::content(std::uint8_t wanted) {
  auto found = element(wanted);
  if (!found) return std::nullopt;
  return found->content;
}

std::optional<Der> Der::enter(std::uint8_t wanted) {
  auto found = content(wanted);
  if (!found) return std::nullopt;
  return Der(*found);
}

std::optional<bool> Der::boolean() {
  auto value = content(tag::boolean);
  if (!value || value->size() != 1) return std::nullopt;
  if ((*value)[0] == '\0') return false;
  if ((*value)[0] == '\xff') return true;
  return std::nullopt;
}

std::optional<std::string_view> Der::integer(std::uint8_t as) {
  auto value = content(as);
  if (!value || value->empty()) return std::nullopt;
  if (value->size() > 1) {
    const auto first = static_cast<std::uint8_t>((*value)[0]);
    const bool high = static_cast<std::uint8_t>((*value)[1]) & 0x80;
    if ((first == 0 && !high) || (first == 0xff && high)) return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> Der::small_integer(std::uint8_t as) {
  auto value = integer(as);
  if (!value || value->size() > 8) return std::nullopt;
  auto result = static_cast<std::int64_t>(static_cast<std::int8_t>((*value)[0]));
  for (std::size_t i = 1; i < value->size(); ++i) {
    result =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(result) << 8 | static_cast<std::uint8_t>((*value)[i]));
  }
  return result;
}

std::optional<std::string_view> Der::oid() {
  auto value = content(tag::object_identifier);
  if (!value || !is_oid(*value)) return std::nullopt;
  std::uint64_t arc = 0;
  for (char c : *value) {
    const auto byte = static_cast<std::uint8_t>(c);
    arc = arc << 7 | (byte & 0x7f);
    if (arc >= 1ull << 31) return std::nullopt;
    if (!(byte & 0x80)) arc = 0;
  }
  return value;
}

bool is_oid(std::string_view content) {
  if (content.empty() || static_cast<std::uint8_t>(content.back()) & 0x80) return false;
  bool first = true;  // of an arc's bytes
  for (char c : content) {
    if (first && static_cast<std::uint8_t>(c) == 0x80) return false;
    first = !(static_cast<std::uint8_t>(c) & 0x80);
  }
  return true;
}

std::string Der::BitString::right_aligned() const {
  std::string out(bytes);
  if (unused == 0) return out;
  unsigned carry = 0;
  for (char& c : out) {
    const auto byte = static_cast<std::uint8_t>(c);
    c = static_cast<char>(carry | byte >> unused);
    carry = static_cast<std::uint8_t>(byte << (8 - unused));
  }
  return out;
}

bool Der::BitString::bit(unsigned index) const {
  if (index >= bytes.size() * 8 - unused) return false;
  return static_cast<std::uint8_t>(bytes[index / 8]) >> (7 - index % 8) & 1;
}

std::optional<Der::BitString> Der::bit_string() {
  auto value = content(tag::bit_string);
  if (!value || value->empty()) return std::nullopt;
  const auto unused = static_cast<std::uint8_t>((*value)[0]);
  value->remove_prefix(1);
  if (unused > 7 || (value->empty() && unused != 0)) return std::nullopt;
  if (!value->empty() && (static_cast<std::uint8_t>(value->back()) & ((1u << unused) - 1)) != 0) return std::nullopt;
  return BitString{*value, unused};
}

namespace {

// `count` digits at the front of `text`, taken away.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

std::optional<std::chrono::sys_seconds> parse_time(std::string_view text, std::size_t year_digits) {
  using namespace std::chrono;
  auto y = digits(text, year_digits), mon = digits(text, 2), d = digits(text, 2), h = digits(text, 2),
       min = digits(text, 2);
  if (!y || !mon || !d || !h || !min) return std::nullopt;
  std::optional<int> s = 0;
  // A UTCTime may leave its seconds out.
  if (year_digits == 4 || (!text.empty() && text[0] >= '0' && text[0] <= '9')) s = digits(text, 2);
  if (!s || *h > 23 || *min > 59 || *s > 59) return std::nullopt;
  if (year_digits == 2) *y += *y >= 50 ? 1900 : 2000;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mon)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  sys_seconds time = sys_days{date} + hours{*h} + minutes{*min} + seconds{*s};
  if (text == "Z") return time;
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool ahead = text[0] == '+';
  text.remove_prefix(1);
  auto zone_hours = digits(text, 2), zone_minutes = digits(text, 2);
  if (!zone_hours || !zone_minutes || *zone_hours > 23 || *zone_minutes > 59) return std::nullopt;
  const minutes zone = hours{*zone_hours} + minutes{*zone_minutes};
  if (zone.count() == 0) return std::nullopt;
  return ahead ? time - zone : time + zone;
}

}  // namespace

std::optional<std::chrono::sys_seconds> Der::time(bool& known) {
  known = next_is(tag::utc_time) || next_is(tag::generalized_time);
  if (!known) return std::nullopt;
  const bool utc = next_is(tag::utc_time);
  auto value = content(utc ? tag::utc_time : tag::generalized_time);
  if (!value) return std::nullopt;
  return parse_time(*value, utc ? 2 : 4);
}

std::string oid_text(std::string_view oid) {
  std::string text;
  std::uint64_t arc = 0;
  for (char c : oid) {
    const auto byte = static_cast<std::uint8_t>(c);
    arc = arc << 7 | (byte & 0x7f);
    if (byte & 0x80) continue;
    if (text.empty()) {
      const std::uint64_t first = arc < 80 ? arc / 40 : 2;
      text = std::to_string(first) + "." + std::to_string(arc - first * 40);
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  return text;
}

}  // namespace gatepost::x509
