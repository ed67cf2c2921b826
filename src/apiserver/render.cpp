#include "apiserver/render.h"

#include "json/indent.h"
#include "json/parse.h"
#include "json/sort_keys.h"
#include "yaml/write.h"

namespace gatepost::apiserver {

IncludeObject include_object(const Query& query) {
  std::string_view include = query.get("includeObject");
  if (include == "None") return IncludeObject::none;
  if (include == "Object") return IncludeObject::object;
  return IncludeObject::metadata;
}

namespace {

// As sigs.k8s.io/yaml prints a document: its keys sorted.
std::string to_yaml(std::string_view json_text) {
  auto parsed = json::parse(json_text, json::make_arena(json_text.size() * 2));
  if (!parsed) return std::string(json_text);
  json::sort_all_keys(*parsed);
  return yaml::write(*parsed);
}

}  // namespace

std::string encode_for(const Format& format, std::string json_text, std::string& content_type) {
  content_type = format.encoding == Format::Encoding::yaml ? "application/yaml" : "application/json";
  if (format.encoding == Format::Encoding::yaml) return to_yaml(json_text);
  if (format.pretty) return json::indent(json_text);
  json_text.push_back('\n');
  return json_text;
}

Answer render_object(const Call& call, Answer answer) {
  if (answer.raw || answer.sent || !answer.bytes) return answer;
  std::string_view text = *answer.bytes;
  bool is_status = text.starts_with("{\"kind\":\"Status\"");
  std::string rendered;
  if (!is_status && call.resource && call.format.form == Format::Form::table) {
    auto parsed = json::parse(text, json::make_arena(text.size() * 2));
    ListMeta meta;
    if (parsed) meta.resource_version = json::string_at(*parsed, {"metadata", "resourceVersion"});
    rendered = render_table(*call.resource, {text}, meta, include_object(call.info.query), call.deps.now());
  } else if (!is_status && call.resource && call.format.form == Format::Form::partial) {
    rendered = render_partial(text);
  } else {
    rendered.reserve(text.size() + 1);  // a newline may follow
    rendered = text;
  }
  answer.bytes = std::make_shared<const std::string>(encode_for(call.format, std::move(rendered), answer.content_type));
  return answer;
}

std::string render_list(const Call& call, const std::vector<storage::Bytes>& objects, const ListMeta& meta) {
  const kube::ResourceInfo& resource = *call.resource;
  if (call.format.form != Format::Form::object) {
    std::vector<std::string_view> views;
    views.reserve(objects.size());
    for (const auto& bytes : objects) views.push_back(*bytes);
    if (call.format.form == Format::Form::table)
      return render_table(resource, views, meta, include_object(call.info.query), call.deps.now());
    return render_partial_list(views, meta);
  }
  std::size_t size = 256;
  for (const auto& bytes : objects) size += bytes->size() + 1;
  std::string out;
  out.reserve(size);
  ListPrinter printer(resource, meta, out);
  for (const auto& bytes : objects) printer.add(*bytes);
  printer.end();
  return out;
}

ListPrinter::ListPrinter(const kube::ResourceInfo& resource, const ListMeta& meta, std::string& out) : out_(out) {
  const std::string version = kube::api_version(resource.group, resource.version);
  type_ = "{\"kind\":\"" + resource.kind + "\",\"apiVersion\":\"" + version + "\"";
  out_ += "{\"kind\":\"" + resource.list_kind + "\",\"apiVersion\":\"" + version +
          "\",\"metadata\":{\"resourceVersion\":\"" + meta.resource_version + "\"";
  if (!meta.continue_token.empty()) out_ += ",\"continue\":\"" + meta.continue_token + "\"";
  if (meta.remaining) out_ += ",\"remainingItemCount\":" + std::to_string(meta.remaining);
  out_ += "},\"items\":[";
}

void ListPrinter::add(std::string_view object) {
  if (!first_) out_.push_back(',');
  first_ = false;
  if (object.starts_with(type_)) {
    object.remove_prefix(type_.size());
    if (object.starts_with(',')) object.remove_prefix(1);
    out_.push_back('{');
  }
  out_ += object;
}

}  // namespace gatepost::apiserver
