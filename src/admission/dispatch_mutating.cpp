#include <chrono>
#include <set>

#include "admission/dispatch.h"
#include "admission/errors.h"
#include "admission/predicates/rules.h"
#include "base/random.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/patch/patch.h"
#include "kube/schema/object.h"

namespace gatepost::admission {
namespace {

// The operations of an answer's patch. What is none counts as a failed call.
Result<json::Value> read_patch(const std::string& patch, json::Storage arena) {
  auto operations = json::parse(patch, std::move(arena));
  if (operations && (operations->is_array() || operations->is_null())) return operations;
  constexpr const char* undecodable = "received undecodable patch in webhook response: ";
  if (!operations) return fail(undecodable + operations.error().text);
  std::string word = operations->is_object()   ? "object"
                     : operations->is_string() ? "string"
                     : operations->is_bool()   ? "bool"
                                               : "number";
  return fail(undecodable + ("json: cannot unmarshal " + word) + " into Go value of type jsonpatch.Patch");
}

// The kind that a document says it is; what it leaves out is `expected`'s.
kube::GroupVersionKind told_kind(const json::Value& object, const kube::GroupVersionKind& expected) {
  kube::GroupVersionKind told = expected;
  if (std::string_view kind = json::string_at(object, {"kind"}); !kind.empty()) told.kind = kind;
  if (std::string_view version = json::string_at(object, {"apiVersion"}); !version.empty()) {
    std::size_t slash = version.find('/');
    told.group = slash == std::string_view::npos ? "" : version.substr(0, slash);
    told.version = slash == std::string_view::npos ? version : version.substr(slash + 1);
  }
  return told;
}

// A patch may make another kind of the object. It is decoded as what it says it is, and only then found to be none of
// what the request is about.
kube::Status other_kind(json::Value& object, const kube::GroupVersionKind& kind, const Attributes& attributes,
                        const kube::Registry& registry) {
  if (!registry.find_kind(kind.group, kind.version, kind.kind))
    return kube::internal_error("no kind \"" + kind.kind + "\" is registered for version \"" +
                                kube::api_version(kind.group, kind.version) +
                                "\" in scheme \"k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:31\"");
  if (auto decoded = kube::decode(object, kind, kube::FieldValidation::ignore); !decoded)
    return kube::internal_error(decoded.error().text);
  const std::string& group = attributes.kind.group;
  std::string package = group.empty() ? "core" : group.substr(0, group.find('.'));
  return kube::plain_error("converting (" + kind.version + "." + kind.kind + ") to (" + package + "." +
                           attributes.kind.kind + "): unknown conversion");
}

// Applies a webhook's patch to the object in the webhook's version and brings it back into the request's.
net::Task<kube::ApiResult<bool>> apply_patch(const Match& match, Attributes& attributes, VersionedRequest request,
                                             const json::Value& operations, Shared& shared) {
  const kube::Registry& registry = shared.registry;
  if (operations.is_null() || operations.get_array().empty()) co_return false;
  if (attributes.object.is_null())
    co_return fail_with(
        kube::internal_error("admission webhook \"" + match.hook->name +
                             "\" attempted to modify the object, which is not supported for this operation"));
  json::Value object = std::move(request).take_object();
  if (auto applied = kube::apply_json_patch(object, operations); !applied)
    co_return fail_with(kube::internal_error(applied.error().text));
  kube::GroupVersionKind kind{match.kind.group, match.kind.version, match.kind.kind};
  if (!object.is_object()) co_return fail_with(kube::internal_error("the patched object is no object"));
  kube::GroupVersionKind told = told_kind(object, kind);
  if (!(told == kind)) co_return fail_with(other_kind(object, told, attributes, registry));
  object.get_object()["kind"] = kind.kind;
  object.get_object()["apiVersion"] = kube::api_version(kind.group, kind.version);
  auto decoded = kube::decode(object, kind, kube::FieldValidation::ignore);
  if (!decoded) co_return fail_with(kube::internal_error(decoded.error().text));
  kube::set_defaults(object, kind);
  if (!(match.kind == attributes.kind)) {
    auto converted = co_await in_version(std::move(object), match.kind, attributes.kind, shared);
    if (!converted) co_return fail_with(std::move(converted.error()));
    object = std::move(*converted);
  }
  bool changed = !(object == attributes.object);
  attributes.object = std::move(object);
  co_return changed;
}

std::string mutation_note(const Hook& hook, bool mutated) {
  return "{\"configuration\":\"" + hook.configuration + "\",\"webhook\":\"" + hook.name +
         "\",\"mutated\":" + (mutated ? "true}" : "false}");
}

std::string patch_note(const Hook& hook, const std::string& patch) {
  return "{\"configuration\":\"" + hook.configuration + "\",\"webhook\":\"" + hook.name + "\",\"patch\":" + patch +
         ",\"patchType\":\"JSONPatch\"}";
}

class Calls {
 public:
  Calls(Attributes& attributes, net::SteadyTime deadline, Trail& trail, Shared& shared, Reinvocation& reinvocation,
        MutationRound round)
      : attributes_(attributes),
        deadline_(deadline),
        trail_(trail),
        shared_(shared),
        reinvocation_(reinvocation),
        round_(round),
        values_(attributes) {}

  net::Task<kube::ApiResult<void>> call(const Match& match, std::size_t index) {
    if (match.needed_labels != 0 &&
        (match.needed_labels & ~present_labels(attributes_.object, attributes_.old_object)) != 0)
      co_return kube::ApiResult<void>{};
    auto selected = selects(match, attributes_, shared_);
    if (!selected) co_return fail_with(std::move(selected.error()));
    if (!*selected) co_return kube::ApiResult<void>{};
    const Hook& hook = *match.hook;
    VersionedRequest request(attributes_, match.kind, match.resource);
    if (!(match.kind == attributes_.kind)) {
      auto made = co_await versioned(match, attributes_, shared_);
      if (!made) co_return fail_with(std::move(made.error()));
      request = std::move(*made);
    }
    auto called = meets_conditions(match, attributes_, request, values_, shared_);
    if (!called) co_return fail_with(std::move(called.error()));
    if (!*called) co_return kube::ApiResult<void>{};
    // In the second round nobody is called for the first time.
    if (round_ == MutationRound::reinvocation && !reinvocation_.wanted.contains(hook.uid))
      co_return kube::ApiResult<void>{};
    std::string place = (round_ == MutationRound::first ? "round_0_index_" : "round_1_index_") + std::to_string(index);
    auto note = [&](bool mutated) {
      trail_.annotations.emplace_back("mutation.webhook.admission.k8s.io/" + place, mutation_note(hook, mutated));
    };
    if (refuses_dry_run(hook, attributes_)) {
      note(false);
      co_return fail_with(dry_run_unsupported(hook.name));
    }
    std::string uid = random_uuid();
    std::string operation(operation_name(attributes_.operation));
    std::string body = ReviewPrinter(attributes_, request).body(hook.review_version, uid);
    auto start = std::chrono::steady_clock::now();
    CallOutcome outcome = co_await call_webhook(match.hook, std::move(body), uid, deadline_);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (!outcome.answer) {
      may_be_reinvoked(hook);
      bool open = hook.failure_policy == FailurePolicy::ignore;
      shared_.metrics.called(hook, operation, seconds, outcome.code, !open);
      note(false);
      co_return failed(hook, failure_text(hook, outcome.answer.error()), operation, place);
    }
    take_notes(hook, *outcome.answer, trail_);
    shared_.metrics.called(hook, operation, seconds, outcome.code, !outcome.answer->allowed);
    if (!outcome.answer->allowed) {
      kube::Status status = denied(hook.name, outcome.answer->status);
      shared_.metrics.rejected(hook, operation, "no_error", status.code);
      note(false);
      co_return fail_with(std::move(status));
    }
    bool changed = false;
    if (!outcome.answer->patch.empty()) {
      json::Arena arena;
      auto operations = read_patch(outcome.answer->patch, arena.storage());
      if (!operations) {
        note(false);
        may_be_reinvoked(hook);
        co_return failed(hook, webhook_failed(hook.name, operations.error().text), operation, place);
      }
      if (operations->is_array() && !operations->get_array().empty()) {
        if (!attributes_.object.is_object()) {
          note(false);
          co_return fail_with(kube::internal_error(cannot_modify(hook.name)));
        }
        if (outcome.answer->patch_type != "JSONPatch") {
          note(false);
          may_be_reinvoked(hook);
          co_return failed(hook, webhook_failed(hook.name, unsupported_patch(outcome.answer->patch_type)), operation,
                           place);
        }
        auto applied = co_await apply_patch(match, attributes_, std::move(request), *operations, shared_);
        if (!applied) {
          note(false);
          co_return fail_with(std::move(applied.error()));
        }
        changed = *applied;
        trail_.annotations.emplace_back("patch.webhook.admission.k8s.io/" + place,
                                        patch_note(hook, outcome.answer->patch));
      }
    }
    note(changed);
    if (changed) {
      reinvocation_.earlier_ones();
      reinvocation_.due = true;
    }
    may_be_reinvoked(hook);
    co_return kube::ApiResult<void>{};
  }

 private:
  void may_be_reinvoked(const Hook& hook) {
    if (hook.reinvocable) reinvocation_.previously_called.push_back(hook.uid);
  }

  kube::ApiResult<void> failed(const Hook& hook, const std::string& text, const std::string& operation,
                               const std::string& place) {
    if (hook.failure_policy == FailurePolicy::ignore) {
      if (shared_.log) {
        shared_.log(klog::Severity::warning, "dispatcher.go:210",
                    "Failed calling webhook, failing open " + hook.name + ": " + text);
        std::string quoted;
        json::write_string(text, quoted);
        shared_.log(klog::Severity::error, "dispatcher.go:214",
                    "\"Unhandled Error\" err=" + quoted + " logger=\"UnhandledError\"");
      }
      shared_.metrics.failed_open(hook);
      trail_.annotations.emplace_back("failed-open.mutation.webhook.admission.k8s.io/" + place, hook.name);
      // A budget that is spent ends the request even where this webhook's failure does not.
      if (std::chrono::steady_clock::now() >= deadline_)
        return fail_with(kube::timeout("request did not complete within the allotted timeout", 0));
      return {};
    }
    shared_.metrics.rejected(hook, operation, "calling_webhook_error", 0);
    if (shared_.log)
      shared_.log(klog::Severity::warning, "dispatcher.go:225",
                  "Failed calling webhook, failing closed " + hook.name + ": " + text);
    return fail_with(kube::internal_error(text));
  }

  Attributes& attributes_;
  net::SteadyTime deadline_;
  Trail& trail_;
  Shared& shared_;
  Reinvocation& reinvocation_;
  MutationRound round_;
  RequestValues values_;
};

}  // namespace

void Reinvocation::earlier_ones() {
  for (std::string& uid : previously_called) wanted.insert(std::move(uid));
  previously_called.clear();
}

net::Task<kube::ApiResult<void>> dispatch_mutating(std::shared_ptr<const std::vector<Match>> matches,
                                                   Attributes& attributes, net::SteadyTime deadline, Trail& trail,
                                                   Shared shared, Reinvocation& reinvocation, MutationRound round) {
  Calls calls(attributes, deadline, trail, shared, reinvocation, round);
  std::size_t index = 0;
  for (const Match& match : *matches)
    if (auto called = co_await calls.call(match, index++); !called) co_return called;
  co_return kube::ApiResult<void>{};
}

}  // namespace gatepost::admission
