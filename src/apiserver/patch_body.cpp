#include "apiserver/patch_body.h"

#include <algorithm>

#include "json/parse.h"
#include "kube/patch/go_print.h"
#include "net/go_text.h"

namespace gatepost::apiserver {
namespace {

std::string wrong_type(const json::Value& value, std::string_view where) {
  return "json: cannot unmarshal " + kube::json_type_name(value) + " into Go " + std::string(where);
}

// The operations by their Go struct: what is wrong, or empty.
std::string operations_problem(const json::Value& operations, bool strict) {
  const std::string type = strict ? "[]handlers.jsonPatchOp" : "jsonpatch.Patch";
  if (!operations.is_array()) return wrong_type(operations, "value of type " + type);
  for (const json::Value& operation : operations.get_array()) {
    if (operation.is_null()) continue;
    if (!operation.is_object())
      return wrong_type(operation, strict ? "value of type handlers.jsonPatchOp" : "value of type jsonpatch.Operation");
    if (!strict) continue;
    for (const auto& member : operation.get_object()) {
      bool is_text = member.key() == "op" || member.key() == "path" || member.key() == "from";
      if (is_text && !member.value().is_string() && !member.value().is_null())
        return wrong_type(member.value(), "struct field jsonPatchOp." + std::string(member.key()) + " of type string");
    }
  }
  return {};
}

// In the order of the operations: keys that came twice first, then those the
// operation does not have.
void complain_of_operations(const json::Array& operations, const std::vector<std::string>& duplicates,
                            std::vector<std::string>& complaints) {
  constexpr std::string_view known[] = {"op", "path", "value", "from"};
  for (const std::string& path : duplicates) complaints.push_back("json patch duplicate field " + net::go_quote(path));
  std::size_t index = 0;
  for (const json::Value& operation : operations) {
    std::string prefix = "[" + std::to_string(index++) + "].";
    if (!operation.is_object()) continue;
    for (const auto& member : operation.get_object())
      if (std::find(std::begin(known), std::end(known), member.key()) == std::end(known))
        complaints.push_back("json patch unknown field " + net::go_quote(prefix + std::string(member.key())));
  }
}

}  // namespace

kube::ApiResult<PatchBody> read_patch(std::string_view text, json::Storage arena, kube::PatchType type,
                                      kube::FieldValidation validation) {
  const bool strict = validation != kube::FieldValidation::ignore;
  const bool wrapped = strict && type != kube::PatchType::strategic;
  auto refuse = [&](const std::string& why) {
    return fail_with(kube::bad_request((wrapped ? "error decoding patch: " : "") + why));
  };
  auto parsed = json::parse_strict(text, std::move(arena));
  if (!parsed) {
    if (!strict && type == kube::PatchType::merge) return refuse("Invalid JSON Patch");
    return refuse(parsed.error().text);
  }
  PatchBody body{std::move(parsed->value), {}};
  if (type == kube::PatchType::json) {
    if (body.document.is_null()) body.document.emplace_array();
    if (std::string problem = operations_problem(body.document, strict); !problem.empty()) return refuse(problem);
    if (strict) complain_of_operations(body.document.get_array(), parsed->duplicates, body.complaints);
    return body;
  }
  if (body.document.is_null()) {
    if (type == kube::PatchType::merge) return fail_with(kube::bad_request("Invalid JSON Patch"));
    body.document.emplace_object();
  }
  if (!body.document.is_object()) {
    if (!strict && type == kube::PatchType::merge) return refuse("Invalid JSON Patch");
    return refuse(wrong_type(body.document, "value of type map[string]interface {}"));
  }
  if (strict)
    for (const std::string& path : parsed->duplicates)
      body.complaints.push_back("duplicate field " + net::go_quote(path));
  return body;
}

}  // namespace gatepost::apiserver
