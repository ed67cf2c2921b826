#include "apiserver/manifests/load.h"

#include <algorithm>

#include "apiserver/dispatch.h"
#include "apiserver/local_request.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/url_escape.h"

namespace gatepost::apiserver::manifests {
namespace {

int rank(const Manifest& manifest) {
  if (manifest.api_version.starts_with("admissionregistration.k8s.io/")) return 3;
  if (manifest.kind == "Namespace" && manifest.api_version == "v1") return 0;
  if (manifest.kind == "CustomResourceDefinition") return 1;
  return 2;
}

std::string escaped(std::string_view name) {
  return net::url::escape(name, net::url::Part::path_segment);
}

struct Target {
  std::string path;
  bool creates = false;  // an object without a name is made anew, the others are applied
};

// Where the object is applied.
Result<Target> target_of(const kube::Registry& registry, const Manifest& manifest) {
  const std::size_t slash = manifest.api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : manifest.api_version.substr(0, slash);
  const std::string version = manifest.api_version.substr(slash == std::string::npos ? 0 : slash + 1);
  const kube::ResourceInfo* resource = registry.find_kind(group, version, manifest.kind);
  if (!resource)
    return fail("no matches for kind \"" + manifest.kind + "\" in version \"" + manifest.api_version + "\"");
  Target target;
  target.path = (group.empty() ? "/api/" : "/apis/" + group + "/") + version;
  if (resource->namespaced) target.path += "/namespaces/" + escaped(manifest.ns.empty() ? "default" : manifest.ns);
  target.path += "/" + resource->resource;
  target.creates = manifest.name.empty();
  if (!target.creates) target.path += "/" + escaped(manifest.name);
  target.path += target.creates ? "?fieldManager=gatepost" : "?fieldManager=gatepost&force=true";
  return target;
}

net::http::Request request_for(const Manifest& manifest, const Target& target, const std::string& token) {
  net::http::Request request;
  request.method = target.creates ? "POST" : "PATCH";
  request.target = target.path;
  request.headers.add("Authorization", "Bearer " + token);
  request.headers.add("Content-Type", target.creates ? "application/json" : "application/apply-patch+yaml");
  request.headers.add("User-Agent", "gatepost");
  request.body = json::write(manifest.object);
  return request;
}

}  // namespace

void sort_for_loading(std::vector<Manifest>& manifests) {
  std::ranges::stable_sort(manifests, {}, rank);
}

net::Task<Result<void>> load(const Deps& deps, std::string admin_token, std::vector<Manifest> manifests) {
  for (const Manifest& manifest : manifests) {
    const auto registry = deps.registry->snapshot();
    auto target = target_of(*registry, manifest);
    if (!target) co_return fail(manifest.place() + ": " + manifest.title() + ": " + target.error().text);
    net::http::Request request = request_for(manifest, *target, admin_token);
    LocalAnswer answer;
    co_await dispatch(deps, request, {}, answer);
    if (answer.status() < 300) continue;
    auto status = json::parse(answer.body(), json::make_arena());
    const std::string_view message = status ? json::string_at(*status, {"message"}) : std::string_view(answer.body());
    co_return fail(manifest.place() + ": " + manifest.title() + ": " + std::string(message));
  }
  co_return Result<void>{};
}

}  // namespace gatepost::apiserver::manifests
