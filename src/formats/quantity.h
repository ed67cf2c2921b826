// Kubernetes quantities ("100m", "1.5Gi", "12e6"): exact decimal numbers that remember the kind of suffix they came
// with. The two forms of the original are kept apart (a small integer with a power of ten, and a decimal of any size),
// because what is an integer there depends on the form: "1.5Ki" is not, although 1536 is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::formats {

enum class QuantityFormat { DecimalSI, BinarySI, DecimalExponent };

class Quantity {
 public:
  Quantity() = default;

  // Fails with the texts of apimachinery: `quantities must match the regular expression '...'`, `unable to parse
  // numeric part of quantity`, `unable to parse quantity's suffix`. Bounded: the exponent is never written out.
  static Result<Quantity> parse(std::string_view text);

  static Quantity of(std::int64_t value, QuantityFormat format = QuantityFormat::DecimalSI);

  // The canonical form: no fraction, the largest suffix that loses nothing. A text that was already canonical comes
  // back as it was written.
  std::string canonical() const;

  int sign() const;
  bool is_zero() const { return sign() == 0; }
  int compare(const Quantity& other) const;
  bool operator==(const Quantity& other) const { return compare(other) == 0; }

  // A zero takes over the format of the other operand.
  Quantity plus(const Quantity& other) const;
  Quantity minus(const Quantity& other) const;
  Quantity negated() const;

  // The value when it is held as a whole int64; nothing when it has a fraction, overflows or is held as a large
  // decimal.
  std::optional<std::int64_t> as_int64() const;
  double approximate_double() const;

  // Rounded up to units and to thousandths; may overflow as the original does.
  std::int64_t value() const { return scaled_value(0); }
  std::int64_t milli_value() const { return scaled_value(-3); }
  std::int64_t scaled_value(int power_of_ten) const;

  QuantityFormat format() const { return format_; }

 private:
  friend class QuantityDecimal;

  // value_ * 10^scale_ unless digits_ is set: then digits_ (a signed decimal integer) * 10^scale_.
  std::int64_t value_ = 0;
  std::int32_t scale_ = 0;
  QuantityFormat format_ = QuantityFormat::DecimalSI;
  std::string digits_;
  std::string text_;  // what was parsed, if that is canonical
};

// Whether a short text of the usual form ("250m", "16Mi", "3") is a quantity in its canonical form; false tells
// nothing.
bool is_usual_quantity(std::string_view text);

}  // namespace gatepost::formats
