#include "kube/schema/decode_value.h"
#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

Status cannot_be_handled(const GroupVersionKind& kind, std::string_view why) {
  return bad_request(kind.kind + " in version \"" + kind.version + "\" cannot be handled as a " + kind.kind + ": " +
                     std::string(why));
}

Result<DecodeResult> decode(json::Value& object, const GroupVersionKind& kind, FieldValidation validation,
                            const DecodeSource& source) {
  DecodeResult result;
  const Schema* schema = schema_of(kind);
  if (!schema) return result;  // nothing is known of its fields
  StrictComplaints complaints;
  bool wanted = validation != FieldValidation::ignore;
  if (source.duplicates) {
    MergedObject merged = read_duplicates(source.text, *schema, object.storage(), complaints);
    if (merged.error) return fail(*merged.error);
    object = std::move(merged.object);
  }
  Decoder decoder(source.text, wanted && !source.duplicates ? &complaints : nullptr);
  decoder.decode(object, *schema, nullptr);
  if (decoder.error()) return fail(*decoder.error());
  if (!wanted) return result;
  result.warnings = source.complaints;
  for (std::string& text : complaints.take()) result.warnings.push_back(std::move(text));
  if (validation == FieldValidation::strict && !result.warnings.empty())
    return fail("strict decoding error: " + joined(result.warnings));
  return result;
}

}  // namespace gatepost::kube
