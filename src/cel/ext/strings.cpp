// The string extension: positions count code points.
#include <algorithm>

#include "cel/evaluation.h"
#include "cel/ext/format.h"
#include "cel/libraries.h"
#include "cel/utf8.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

// Whether the arguments are of these kinds: S string, I int, L list.
bool are(Args args, std::string_view kinds) {
  if (args.size() != kinds.size()) return false;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const ValueKind kind = kinds[i] == 'S' ? ValueKind::String : kinds[i] == 'I' ? ValueKind::Int : ValueKind::List;
    if (!args[i].is(kind)) return false;
  }
  return true;
}

Value out_of_range(Evaluation& evaluation, std::int64_t index) {
  return evaluation.error("index out of range: " + std::to_string(index));
}

Value char_at(Evaluation& evaluation, Args args) {
  if (!are(args, "SI")) return no_such_overload();
  const auto offsets = code_point_offsets(args[0].text());
  const std::int64_t at = args[1].integer;
  if (at < 0 || at >= static_cast<std::int64_t>(offsets.size())) return out_of_range(evaluation, at);
  const auto i = static_cast<std::size_t>(at);
  if (i + 1 == offsets.size()) return Value::of_string("");
  return Value::of_string(args[0].text().substr(offsets[i], offsets[i + 1] - offsets[i]));
}

Value index_of(Evaluation& evaluation, Args args) {
  if (!are(args, "SS") && !are(args, "SSI")) return no_such_overload();
  const std::int64_t from = args.size() == 3 ? args[2].integer : 0;
  if (args[1].size == 0) return Value::of_int(from);
  if (from < 0) return out_of_range(evaluation, from);
  const auto offsets = code_point_offsets(args[0].text());
  for (auto i = static_cast<std::size_t>(from); i + 1 < offsets.size(); ++i)
    if (args[0].text().substr(offsets[i]).starts_with(args[1].text()))
      return Value::of_int(static_cast<std::int64_t>(i));
  return Value::of_int(-1);
}

Value last_index_of(Evaluation& evaluation, Args args) {
  if (!are(args, "SS") && !are(args, "SSI")) return no_such_overload();
  const auto offsets = code_point_offsets(args[0].text());
  const auto size = static_cast<std::int64_t>(offsets.size()) - 1;
  std::int64_t from = args.size() == 3 ? args[2].integer : size - 1;
  if (args[1].size == 0) return Value::of_int(args.size() == 3 ? from : size);
  if (args.size() == 3 && from < 0) return out_of_range(evaluation, from);
  if (from >= size) return Value::of_int(-1);
  for (; from >= 0; --from)
    if (args[0].text().substr(offsets[static_cast<std::size_t>(from)]).starts_with(args[1].text()))
      return Value::of_int(from);
  return Value::of_int(-1);
}

template <char First, char Last, int Shift>
Value change_case(Evaluation& evaluation, Args args) {
  if (!are(args, "S")) return no_such_overload();
  char* out = evaluation.arena.array<char>(args[0].size);
  std::transform(args[0].chars, args[0].chars + args[0].size, out,
                 [](char c) { return c >= First && c <= Last ? static_cast<char>(c + Shift) : c; });
  return Value::of_string({out, args[0].size});
}

Value replace(Evaluation& evaluation, Args args) {
  if (!are(args, "SSS") && !are(args, "SSSI")) return no_such_overload();
  std::int64_t left = args.size() == 4 ? args[3].integer : -1;
  const std::string_view text = args[0].text();
  const std::string_view old = args[1].text();
  std::string out;
  std::size_t at = 0;
  if (old.empty()) {
    // Between all code points, and at both ends.
    for (const std::size_t offset : code_point_offsets(text)) {
      out += text.substr(at, offset - at);
      at = offset;
      if (left == 0) break;
      out += args[2].text();
      --left;
    }
    out += text.substr(at);
    return evaluation.text(out);
  }
  while (left != 0) {
    const std::size_t found = text.find(old, at);
    if (found == std::string_view::npos) break;
    out += text.substr(at, found - at);
    out += args[2].text();
    at = found + old.size();
    --left;
  }
  out += text.substr(at);
  return evaluation.text(out);
}

Value split(Evaluation& evaluation, Args args) {
  if (!are(args, "SS") && !are(args, "SSI")) return no_such_overload();
  const std::int64_t most = args.size() == 3 ? args[2].integer : -1;
  const std::string_view text = args[0].text();
  const std::string_view separator = args[1].text();
  if (most == 0) return Value::of_list({});
  std::vector<Value> out;
  std::size_t at = 0;
  const auto full = [&] { return most > 0 && static_cast<std::int64_t>(out.size()) + 1 >= most; };
  if (separator.empty()) {
    while (at < text.size() && !full()) {
      const std::size_t length = code_point_length(text, at);
      out.push_back(Value::of_string(text.substr(at, length)));
      at += length;
    }
    if (at < text.size()) out.push_back(Value::of_string(text.substr(at)));
  } else {
    for (std::size_t found = 0; !full() && (found = text.find(separator, at)) != std::string_view::npos;
         at = found + separator.size())
      out.push_back(Value::of_string(text.substr(at, found - at)));
    out.push_back(Value::of_string(text.substr(at)));
  }
  Value* items = evaluation.arena.array<Value>(out.size());
  std::copy(out.begin(), out.end(), items);
  return Value::of_list({items, out.size()});
}

Value substring(Evaluation& evaluation, Args args) {
  if (!are(args, "SI") && !are(args, "SII")) return no_such_overload();
  const auto offsets = code_point_offsets(args[0].text());
  const auto size = static_cast<std::int64_t>(offsets.size()) - 1;
  const std::int64_t begin = args[1].integer;
  const std::int64_t end = args.size() == 3 ? args[2].integer : size;
  if (args.size() == 3 && begin > end)
    return evaluation.error("invalid substring range. start: " + std::to_string(begin) +
                            ", end: " + std::to_string(end));
  if (begin < 0 || begin > size) return out_of_range(evaluation, begin);
  if (end < 0 || end > size) return out_of_range(evaluation, end);
  const std::size_t from = offsets[static_cast<std::size_t>(begin)];
  return Value::of_string(args[0].text().substr(from, offsets[static_cast<std::size_t>(end)] - from));
}

// White space in Unicode's sense: the code points Go's strings.TrimSpace removes.
bool is_space(std::string_view point) {
  constexpr std::string_view kSpaces[] = {"\t",     "\n",     "\v",     "\f",     "\r",     " ",      "\u0085",
                                          "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                          "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                          "\u2029", "\u202f", "\u205f", "\u3000"};
  return std::find(std::begin(kSpaces), std::end(kSpaces), point) != std::end(kSpaces);
}

Value trim(Evaluation&, Args args) {
  if (!are(args, "S")) return no_such_overload();
  const auto offsets = code_point_offsets(args[0].text());
  std::size_t first = 0;
  std::size_t last = offsets.size() - 1;
  const auto point = [&](std::size_t i) { return args[0].text().substr(offsets[i], offsets[i + 1] - offsets[i]); };
  while (first < last && is_space(point(first))) ++first;
  while (last > first && is_space(point(last - 1))) --last;
  return Value::of_string(args[0].text().substr(offsets[first], offsets[last] - offsets[first]));
}

Value join(Evaluation& evaluation, Args args) {
  if (!are(args, "L") && !are(args, "LS")) return no_such_overload();
  if (list_size(args[0]) > 0 && !list_at(args[0], 0).is(ValueKind::String)) return no_such_overload();
  std::string out;
  for (std::size_t i = 0; i < list_size(args[0]); ++i) {
    const Value item = list_at(args[0], i);
    if (!item.is(ValueKind::String)) return evaluation.error("join: invalid input: " + debug_text(item));
    if (i > 0 && args.size() == 2) out += args[1].text();
    out += item.text();
  }
  return evaluation.text(out);
}

Value quote(Evaluation& evaluation, Args args) {
  if (!are(args, "S")) return no_such_overload();
  std::string out = "\"";
  const std::string_view text = args[0].text();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = code_point_length(text, at);
    const char c = text[at];
    const std::size_t special = std::string_view("\a\b\f\n\r\t\v\\\"").find(c);
    if (special != std::string_view::npos) {
      out += '\\';
      out += "abfnrtv\\\""[special];
    } else if (length == 1 && static_cast<unsigned char>(c) >= 0x80) {
      out += "\ufffd";
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  return evaluation.text(out + "\"");
}

Value reverse(Evaluation& evaluation, Args args) {
  if (!are(args, "S")) return no_such_overload();
  const auto offsets = code_point_offsets(args[0].text());
  std::string out;
  for (std::size_t i = offsets.size() - 1; i > 0; --i)
    out += args[0].text().substr(offsets[i - 1], offsets[i] - offsets[i - 1]);
  return evaluation.text(out);
}

template <FormatRules Rules>
Value format(Evaluation& evaluation, Args args) {
  if (!are(args, "SL")) return no_such_overload();
  const auto out = format_text(args[0].text(), args[1], Rules);
  return out ? evaluation.text(*out) : evaluation.error(out.error().text);
}

// The language refuses a start behind the end, where Kubernetes finds nothing.
template <Native Search>
Value within_range(Evaluation& evaluation, Args args) {
  if (are(args, "SSI") && args[2].integer > static_cast<std::int64_t>(code_point_offsets(args[0].text()).size()) - 1)
    return out_of_range(evaluation, args[2].integer);
  return Search(evaluation, args);
}

}  // namespace

void add_strings(Declarations& to, StringsVersion version) {
  to.function("charAt", char_at, {{"string_char_at_int", ".string,int->string"}});
  const bool strict = to.dialect == Dialect::Language;
  to.function(
      "indexOf", strict ? within_range<index_of> : index_of,
      {{"string_index_of_string", ".string,string->int"}, {"string_index_of_string_int", ".string,string,int->int"}});
  to.function("lastIndexOf", strict ? within_range<last_index_of> : last_index_of,
              {{"string_last_index_of_string", ".string,string->int"},
               {"string_last_index_of_string_int", ".string,string,int->int"}});
  to.function("lowerAscii", change_case<'A', 'Z', 32>, {{"string_lower_ascii", ".string->string"}});
  to.function("upperAscii", change_case<'a', 'z', -32>, {{"string_upper_ascii", ".string->string"}});
  to.function("replace", replace,
              {{"string_replace_string_string", ".string,string,string->string"},
               {"string_replace_string_string_int", ".string,string,string,int->string"}});
  to.function("split", split,
              {{"string_split_string", ".string,string->list(string)"},
               {"string_split_string_int", ".string,string,int->list(string)"}});
  to.function(
      "substring", substring,
      {{"string_substring_int", ".string,int->string"}, {"string_substring_int_int", ".string,int,int->string"}});
  to.function("trim", trim, {{"string_trim", ".string->string"}});
  to.function("format", version >= StringsVersion::V4 ? format<FormatRules::Current> : format<FormatRules::Early>,
              {{"string_format", ".string,list(dyn)->string"}});
  to.function("strings.quote", quote, {{"strings_quote", "string->string"}});
  to.function("join", join,
              {{"list_join", ".list(string)->string"}, {"list_join_string", ".list(string),string->string"}});
  if (version >= StringsVersion::V4) to.function("reverse", reverse, {{"string_reverse", ".string->string"}});
}

}  // namespace gatepost::cel
