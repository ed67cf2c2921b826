#include "formats/quantity.h"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace gatepost::formats {

using Big = boost::multiprecision::cpp_int;

namespace {

constexpr std::int32_t kNano = -9;
constexpr int kMaxInt64Digits = 18;
// Powers of ten beyond this are never written out: sums keep the larger operand, comparisons go by magnitude.
constexpr std::int64_t kMaxShift = 5000;
constexpr std::string_view kSuffixLetters = "eEinumkKMGTP";

constexpr const char* kFormatWrong =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr const char* kNumericWrong = "unable to parse numeric part of quantity";
constexpr const char* kSuffixWrong = "unable to parse quantity's suffix";

struct Suffix {
  std::string_view text;
  int base;
  int exponent;
};

constexpr std::array<Suffix, 16> kSuffixes{{{"n", 10, -9},
                                            {"u", 10, -6},
                                            {"m", 10, -3},
                                            {"", 10, 0},
                                            {"k", 10, 3},
                                            {"M", 10, 6},
                                            {"G", 10, 9},
                                            {"T", 10, 12},
                                            {"P", 10, 15},
                                            {"E", 10, 18},
                                            {"Ki", 2, 10},
                                            {"Mi", 2, 20},
                                            {"Gi", 2, 30},
                                            {"Ti", 2, 40},
                                            {"Pi", 2, 50},
                                            {"Ei", 2, 60}}};

struct Scanned {
  bool negative = false;
  std::string_view whole;  // without leading zeros, "0" if nothing is left
  std::string_view fraction;
  std::string_view suffix;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Scanned> scan(std::string_view text) {
  Scanned out;
  std::size_t at = 0;
  auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return text.substr(start, at - start);
  };
  if (text[at] == '-' || text[at] == '+') out.negative = text[at++] == '-';
  while (at < text.size() && text[at] == '0') ++at;
  out.whole = digits();
  if (out.whole.empty()) out.whole = "0";
  if (at < text.size() && text[at] == '.') {
    ++at;
    out.fraction = digits();
  }
  const std::size_t suffix = at;
  while (at < text.size() && kSuffixLetters.find(text[at]) != std::string_view::npos) ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  digits();
  if (at != text.size()) return std::nullopt;
  out.suffix = text.substr(suffix);
  return out;
}

struct Unit {
  int base = 10;
  std::int32_t exponent = 0;
  QuantityFormat format = QuantityFormat::DecimalSI;
};

std::optional<Unit> read_suffix(std::string_view suffix) {
  for (const Suffix& known : kSuffixes) {
    if (known.text == suffix)
      return Unit{known.base, known.exponent, known.base == 2 ? QuantityFormat::BinarySI : QuantityFormat::DecimalSI};
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  std::string_view number = suffix.substr(1);
  if (number[0] == '+') number.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), exponent);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return Unit{10, static_cast<std::int32_t>(exponent), QuantityFormat::DecimalExponent};
}

std::string_view suffix_text(int base, int exponent) {
  for (const Suffix& known : kSuffixes)
    if (known.base == base && known.exponent == exponent) return known.text;
  return "";
}

Big power_of_ten(std::int64_t exponent) {
  return boost::multiprecision::pow(Big(10), static_cast<unsigned>(exponent));
}

bool multiply_by_power(std::int64_t& value, std::int64_t exponent) {
  if (value == 0) return true;
  for (std::int64_t i = 0; i < exponent; ++i)
    if (__builtin_mul_overflow(value, std::int64_t{10}, &value)) return false;
  return true;
}

}  // namespace

// A quantity as a decimal of any size: unscaled * 10^exponent.
class QuantityDecimal {
 public:
  explicit QuantityDecimal(const Quantity& quantity)
      : unscaled(quantity.digits_.empty() ? Big(quantity.value_) : Big(quantity.digits_)), exponent(quantity.scale_) {}
  QuantityDecimal(Big number, std::int64_t power) : unscaled(std::move(number)), exponent(power) {}

  Quantity to_quantity(QuantityFormat format) const {
    Quantity out;
    out.digits_ = unscaled.str();
    out.scale_ = static_cast<std::int32_t>(exponent);
    out.format_ = format;
    return out;
  }

  // Rounds away from zero so that the exponent is at least `power`; true if nothing was lost.
  bool round_up(std::int64_t power) {
    if (exponent >= power || unscaled == 0) {
      if (unscaled == 0) exponent = std::max(exponent, power);
      return true;
    }
    const std::int64_t drop = power - exponent;
    exponent = power;
    const int sign = unscaled.sign();
    if (drop > kMaxShift && drop > static_cast<std::int64_t>(unscaled.str().size())) {
      unscaled = sign;
      return false;
    }
    const Big divisor = power_of_ten(drop);
    Big remainder;
    Big quotient;
    boost::multiprecision::divide_qr(unscaled, divisor, quotient, remainder);
    if (remainder != 0) quotient += sign;
    unscaled = quotient;
    return remainder == 0;
  }

  void lower_exponent_to(std::int64_t power) {
    if (exponent <= power || exponent - power > kMaxShift) return;
    unscaled *= power_of_ten(exponent - power);
    exponent = power;
  }

  // The power of ten just above the value's first digit, to compare sizes without writing zeros out.
  std::int64_t magnitude() const {
    const std::string text = unscaled.str();
    return exponent + static_cast<std::int64_t>(text.size()) - (text[0] == '-' ? 1 : 0);
  }

  int compare(const QuantityDecimal& other) const {
    const int sign = unscaled.sign();
    if (sign != other.unscaled.sign()) return sign < other.unscaled.sign() ? -1 : 1;
    if (sign == 0) return 0;
    const std::int64_t mine = magnitude();
    const std::int64_t theirs = other.magnitude();
    if (mine != theirs) return (mine < theirs) == (sign > 0) ? -1 : 1;
    QuantityDecimal a = *this;
    QuantityDecimal b = other;
    align(a, b);
    return a.unscaled.compare(b.unscaled) < 0 ? -1 : a.unscaled == b.unscaled ? 0 : 1;
  }

  static void align(QuantityDecimal& a, QuantityDecimal& b) {
    const std::int64_t lower = std::min(a.exponent, b.exponent);
    a.lower_exponent_to(lower);
    b.lower_exponent_to(lower);
  }

  Big unscaled;
  std::int64_t exponent;
};

Quantity Quantity::of(std::int64_t value, QuantityFormat format) {
  Quantity out;
  out.value_ = value;
  out.format_ = format;
  return out;
}

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.empty()) return fail(kFormatWrong);
  const auto scanned = scan(text);
  if (!scanned) return fail(kFormatWrong);
  const auto unit = read_suffix(scanned->suffix);
  if (!unit) return fail(kSuffixWrong);

  Quantity out;
  out.format_ = unit->format;
  const auto whole_digits = static_cast<int>(scanned->whole.size());
  const auto fraction_digits = static_cast<int>(scanned->fraction.size());
  std::string digits(scanned->whole);
  digits += scanned->fraction;

  std::int64_t scale = unit->base == 10 ? unit->exponent : 0;
  std::int64_t factor = 1;
  int precision = kMaxInt64Digits - whole_digits - fraction_digits;
  if (unit->base == 2) {
    precision = -1;
    if (fraction_digits == 0) {
      factor = std::int64_t{1} << unit->exponent;
      precision = 15 - whole_digits - unit->exponent * 3 / 10 - 1;
    }
  }
  scale -= fraction_digits;
  std::int64_t value = 0;
  if (precision >= 0 && scale >= kNano) {
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    std::int64_t result = 0;
    if (!__builtin_mul_overflow(value, factor, &result)) {
      out.value_ = scanned->negative ? -result : result;
      out.scale_ = static_cast<std::int32_t>(scale);
      const bool canonical =
          unit->base == 2 ? (value & 7) != 0 : scale % 3 == 0 && !digits.ends_with("000") && digits[0] != '0';
      if (canonical || text == "0") out.text_ = text;
      return out;
    }
  }

  if (text.find_first_of("0123456789") >= text.size() - scanned->suffix.size()) return fail(kNumericWrong);
  // cpp_int would read a leading zero as octal.
  const std::size_t first = digits.find_first_not_of('0');
  QuantityDecimal amount(first == std::string::npos ? Big(0) : Big(digits.substr(first)),
                         -static_cast<std::int64_t>(fraction_digits));
  if (unit->base == 10)
    amount.exponent += unit->exponent;
  else
    amount.unscaled <<= unit->exponent;
  if (amount.unscaled != 0) {
    amount.round_up(kNano);
    amount.lower_exponent_to(kNano);
  }
  if (unit->base == 2) {
    const QuantityDecimal largest(Big(std::numeric_limits<std::int64_t>::max()), 0);
    if (amount.compare(largest) > 0) amount = largest;
    if (amount.unscaled != 0 && amount.compare(QuantityDecimal(Big(1), 0)) < 0) out.format_ = QuantityFormat::DecimalSI;
  }
  if (scanned->negative) amount.unscaled = -amount.unscaled;
  return amount.to_quantity(out.format_);
}

int Quantity::sign() const {
  if (!digits_.empty()) return digits_[0] == '-' ? -1 : digits_ == "0" ? 0 : 1;
  return value_ < 0 ? -1 : value_ > 0 ? 1 : 0;
}

std::string Quantity::canonical() const {
  if (!text_.empty()) return text_;
  if (is_zero()) return "0";
  QuantityDecimal amount(*this);
  QuantityFormat format = format_;
  if (format == QuantityFormat::BinarySI) {
    QuantityDecimal rounded = amount;
    const bool small = amount.compare({Big(-1024), 0}) > 0 && amount.compare({Big(1024), 0}) < 0;
    if (small || !rounded.round_up(0)) {
      format = QuantityFormat::DecimalSI;
    } else {
      rounded.lower_exponent_to(0);
      int times = 0;
      while (rounded.unscaled % 1024 == 0) {
        rounded.unscaled /= 1024;
        ++times;
      }
      return rounded.unscaled.str() + std::string(suffix_text(2, times * 10));
    }
  }
  while (amount.unscaled % 10 == 0) {
    amount.unscaled /= 10;
    ++amount.exponent;
  }
  while (amount.exponent % 3 != 0) {
    amount.unscaled *= 10;
    --amount.exponent;
  }
  std::string out = amount.unscaled.str();
  if (format == QuantityFormat::DecimalSI) {
    out += suffix_text(10, static_cast<int>(amount.exponent));
  } else if (amount.exponent != 0) {
    out += 'e';
    out += std::to_string(amount.exponent);
  }
  return out;
}

int Quantity::compare(const Quantity& other) const {
  if (digits_.empty() && other.digits_.empty() && scale_ == other.scale_)
    return value_ < other.value_ ? -1 : value_ > other.value_ ? 1 : 0;
  return QuantityDecimal(*this).compare(QuantityDecimal(other));
}

Quantity Quantity::plus(const Quantity& other) const {
  const QuantityFormat format = is_zero() ? other.format_ : format_;
  if (digits_.empty() && other.digits_.empty()) {
    Quantity out;
    out.format_ = format;
    if (other.value_ == 0 || value_ == 0) {
      out.value_ = value_ + other.value_;
      out.scale_ = value_ == 0 && other.value_ != 0 ? other.scale_ : scale_;
      return out;
    }
    out.scale_ = std::min(scale_, other.scale_);
    std::int64_t a = value_;
    std::int64_t b = other.value_;
    if (multiply_by_power(a, std::int64_t{scale_} - out.scale_) &&
        multiply_by_power(b, std::int64_t{other.scale_} - out.scale_) && !__builtin_add_overflow(a, b, &out.value_))
      return out;
  }
  QuantityDecimal a(*this);
  QuantityDecimal b(other);
  QuantityDecimal::align(a, b);
  if (a.exponent != b.exponent) return (a.magnitude() > b.magnitude() ? a : b).to_quantity(format);
  a.unscaled += b.unscaled;
  return a.to_quantity(format);
}

Quantity Quantity::minus(const Quantity& other) const {
  return plus(other.negated());
}

Quantity Quantity::negated() const {
  Quantity out = *this;
  out.text_.clear();
  if (digits_.empty())
    out.value_ = -out.value_;
  else if (digits_[0] == '-')
    out.digits_.erase(0, 1);
  else if (digits_ != "0")
    out.digits_.insert(0, 1, '-');
  return out;
}

std::optional<std::int64_t> Quantity::as_int64() const {
  if (!digits_.empty() || scale_ < 0) return std::nullopt;
  std::int64_t out = value_;
  if (!multiply_by_power(out, scale_)) return std::nullopt;
  return out;
}

double Quantity::approximate_double() const {
  const double base = digits_.empty() ? static_cast<double>(value_) : Big(digits_).convert_to<double>();
  return scale_ == 0 ? base : base * std::pow(10.0, scale_);
}

std::int64_t Quantity::scaled_value(int power_of_ten_wanted) const {
  QuantityDecimal amount(*this);
  amount.round_up(power_of_ten_wanted);
  amount.lower_exponent_to(power_of_ten_wanted);
  return static_cast<std::int64_t>(amount.unscaled);
}

bool is_usual_quantity(std::string_view text) {
  constexpr std::size_t most_digits = 6;
  std::size_t digits = 0;
  int number = 0;
  while (digits < std::min(text.size(), most_digits + 1) && text[digits] >= '0' && text[digits] <= '9')
    number = number * 10 + (text[digits++] - '0');
  if (digits == 0 || digits > most_digits || text[0] == '0') return text == "0";
  std::string_view suffix = text.substr(digits);
  const bool binary = suffix == "Ki" || suffix == "Mi" || suffix == "Gi" || suffix == "Ti";
  const bool decimal =
      suffix.empty() || suffix == "m" || suffix == "k" || suffix == "M" || suffix == "G" || suffix == "T";
  // A larger suffix would lose nothing of what can be divided.
  return (binary && number % 1024 != 0) || (decimal && number % 1000 != 0);
}

}  // namespace gatepost::formats
