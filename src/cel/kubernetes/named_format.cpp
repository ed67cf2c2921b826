// The library format: format.dns1123Label().validate(text).
#include "cel/kubernetes/named_format.h"

#include "cel/kubernetes/host_value.h"
#include "cel/libraries.h"
#include "formats/named_formats.h"
#include "net/url.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;
using formats::NamedFormat;

// Of the URL pattern that the original takes as an estimate.
constexpr std::uint32_t kUrlPatternSize = 1103;

std::vector<std::string> check_uri(std::string_view text) {
  const auto parsed = net::url::parse_request_uri(text);
  return parsed ? std::vector<std::string>{} : std::vector<std::string>{parsed.error().text};
}
constexpr NamedFormat kUri{"uri", "URI", kUrlPatternSize, check_uri};

struct FormatTraits {
  static const Type* type() {
    static const Type type{TypeKind::Struct, false, "kubernetes.NamedFormat", {}};
    return &type;
  }
  static bool equals(const NamedFormat* a, const NamedFormat* b) { return a == b; }
  static std::string text(const NamedFormat* format) { return "format." + std::string(format->name) + "()"; }
};
using FormatValue = HostValue<const NamedFormat*, FormatTraits>;

const NamedFormat* find(std::string_view name) {
  return name == "uri" ? &kUri : formats::find_named_format(name);
}

Value named(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  const NamedFormat* format = find(args[0].text());
  return format != nullptr ? optional_of(evaluation, FormatValue::make(evaluation, format))
                           : Value::of_optional(nullptr);
}

Value validate(Evaluation& evaluation, Args args) {
  const NamedFormat* const* format = FormatValue::get(args[0]);
  if (format == nullptr || !args[1].is(ValueKind::String)) return no_such_overload();
  const auto problems = (*format)->validate(args[1].text());
  return problems.empty() ? Value::of_optional(nullptr) : optional_of(evaluation, list_of_texts(evaluation, problems));
}

enum class Name {
  Label,
  Subdomain,
  Label1035,
  Qualified,
  LabelPrefix,
  SubdomainPrefix,
  Label1035Prefix,
  LabelValue,
  Uri,
  Uuid,
  Byte,
  Date,
  Datetime
};
constexpr std::string_view kNames[] = {"dns1123Label",
                                       "dns1123Subdomain",
                                       "dns1035Label",
                                       "qualifiedName",
                                       "dns1123LabelPrefix",
                                       "dns1123SubdomainPrefix",
                                       "dns1035LabelPrefix",
                                       "labelValue",
                                       "uri",
                                       "uuid",
                                       "byte",
                                       "date",
                                       "datetime"};

template <std::size_t Index>
Value constant(Evaluation& evaluation, Args) {
  return FormatValue::make(evaluation, find(kNames[Index]));
}

template <std::size_t... Index>
void add_constants(Declarations& to, std::index_sequence<Index...>) {
  (
      [&] {
        const std::string function = "format." + std::string(kNames[Index]);
        to.function(function, constant<Index>, {{function, "->$kubernetes.NamedFormat"}});
      }(),
      ...);
}

}  // namespace

std::uint64_t named_format_pattern_size(const Value& value) {
  const NamedFormat* const* format = FormatValue::get(value);
  return format != nullptr ? (*format)->pattern_size : 0;
}

void add_named_formats(Declarations& to) {
  to.type_name("kubernetes.NamedFormat", FormatTraits::type());
  to.function("validate", validate, {{"format-validate", ".$kubernetes.NamedFormat,string->optional(list(string))"}});
  to.function("format.named", named, {{"format-named", "string->optional($kubernetes.NamedFormat)"}});
  add_constants(to, std::make_index_sequence<std::size(kNames)>{});
}

}  // namespace gatepost::cel
