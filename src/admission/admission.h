// The admission call path, a library without a server: which webhooks would be called for a write, in which order, what
// happens when they are, and what that means for the request. `serve`, `diagnose` and `rehearse` all use it.
//
// Configuration is compiled when it changes (the store tells), not when a request comes: a request looks up its
// resource and operation in an index and meets only webhooks whose rules match.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admission/attributes.h"
#include "admission/expressions/inputs.h"
#include "admission/make_client.h"
#include "base/klog.h"
#include "kube/registry/registry.h"
#include "kube/status.h"
#include "net/http/client.h"
#include "net/task.h"
#include "storage/storage.h"

namespace gatepost::admission {

// Takes one log line; `where` is kube-apiserver's own "file:line". klog::write fits.
using LogSink = std::function<void(klog::Severity severity, std::string_view where, std::string_view message)>;

using Convert = std::function<net::Task<kube::ApiResult<json::Value>>(json::Value object, kube::GroupVersionKind to)>;

struct Dependencies {
  storage::Storage& store;  // configurations, Services, EndpointSlices, Namespaces; outlives us
  std::shared_ptr<const kube::Registry> registry;
  LogSink log{};             // empty: no log
  Authorize authorize{};     // answers the variable `authorizer` of expressions; empty: it fails
  net::http::Dialer dial{};  // how a connection to an address is made; empty: DNS and TCP
  // Brings a custom object into another version of its kind, which may take a call of the definition's webhook; empty:
  // versions differ in name only.
  Convert convert{};
  MakeClient make_client{};   // of webhooks; empty: the real one
  std::string own_address{};  // "127.0.0.1:6443", who answers for the Service default/kubernetes; empty: nobody
};

class TargetCache;

class Admission {
 public:
  // Reads the configurations that are stored and follows their changes.
  static std::unique_ptr<Admission> make(Dependencies dependencies);
  virtual ~Admission() = default;

  // Runs the mutating webhooks in order (with reinvocation) on attributes.object. `deadline` is the request's own.
  // The error is the answer to the client: a denial, a failed call under failurePolicy Fail, or a spent budget.
  // `attributes` and `trail` must outlive the task.
  virtual net::Task<kube::ApiResult<void>> mutate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) = 0;

  // Runs the validating webhooks in parallel; the refusal that came first in time is the answer.
  virtual net::Task<kube::ApiResult<void>> validate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) = 0;

  // Whether a mutating webhook or policy may change the object, by rules alone: the caller may skip what guards against
  // it.
  virtual bool may_mutate(const Attributes& attributes) const = 0;

  // The clients of webhooks, which conversions share.
  virtual TargetCache& targets() = 0;

  // Appends apiserver_admission_* metrics in Prometheus' text format.
  virtual void write_metrics(std::string& out) const = 0;
};

}  // namespace gatepost::admission
