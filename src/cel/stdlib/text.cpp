// contains, startsWith, endsWith, matches.
#include <re2/re2.h>

#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

bool strings(Args args) {
  return args[0].is(ValueKind::String) && args[1].is(ValueKind::String);
}

Value contains(Evaluation&, Args args) {
  return strings(args) ? Value::of_bool(args[0].text().find(args[1].text()) != std::string_view::npos)
                       : no_such_overload();
}

Value starts_with(Evaluation&, Args args) {
  return strings(args) ? Value::of_bool(args[0].text().starts_with(args[1].text())) : no_such_overload();
}

Value ends_with(Evaluation&, Args args) {
  return strings(args) ? Value::of_bool(args[0].text().ends_with(args[1].text())) : no_such_overload();
}

Value matches(Evaluation& evaluation, Args args) {
  if (!strings(args)) return no_such_overload();
  std::string problem;
  const re2::RE2* pattern = evaluation.regex(args[1].text(), problem);
  if (pattern == nullptr) return evaluation.error(problem);
  return Value::of_bool(re2::RE2::PartialMatch(re2::StringPiece(args[0].chars, args[0].size), *pattern));
}

}  // namespace

void add_text_functions(Declarations& to) {
  to.function("contains", contains, {{"contains_string", ".string,string->bool"}});
  to.function("endsWith", ends_with, {{"ends_with_string", ".string,string->bool"}});
  to.function("startsWith", starts_with, {{"starts_with_string", ".string,string->bool"}});
  to.function("matches", matches, {{"matches", "string,string->bool"}, {"matches_string", ".string,string->bool"}});
}

void add_standard_library(Declarations& to) {
  add_operators(to);
  add_conversions(to);
  add_text_functions(to);
  add_time_functions(to);
  to.macros(standard_macros());
}

}  // namespace gatepost::cel
