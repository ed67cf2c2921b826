// base64.encode and base64.decode.
#include "base/base64.h"
#include "cel/evaluation.h"
#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;

Value encode(Evaluation& evaluation, Args args) {
  return args[0].is(ValueKind::Bytes) ? evaluation.text(base64::encode(args[0].text())) : no_such_overload();
}

// With or without padding.
Value decode(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  std::string text(args[0].text());
  if (!text.ends_with('='))
    while (text.size() % 4 > 1) text += '=';
  const auto out = base64::decode(text);
  return out ? Value::of_bytes(evaluation.arena.copy(*out)) : evaluation.error(out.error().text);
}

}  // namespace

void add_encoders(Declarations& to) {
  to.function("base64.decode", decode, {{"base64_decode_string", "string->bytes"}});
  to.function("base64.encode", encode, {{"base64_encode_bytes", "bytes->string"}});
}

}  // namespace gatepost::cel
