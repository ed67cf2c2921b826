// Selection: the label and field selectors of a list, watch or deletecollection, ready to judge stored bytes. The bytes
// are only parsed when a selector needs more than the key.
#pragma once

#include "apiserver/call.h"
#include "kube/selector/selector.h"

namespace gatepost::apiserver {

class Selection {
 public:
  // Reads the call's selectors; refuses fields that the kind does not offer.
  static kube::ApiResult<Selection> read(const Call& call);

  bool everything() const { return labels_.everything() && fields_.everything(); }
  // True when only the name decides: `name` is then the one that can match.
  bool by_name_only(std::string& name) const;
  bool matches(const storage::Key& key, const std::string& bytes) const;
  // The scope that a list is limited to: the URL's namespace, or the one a field selector names.
  const std::string& ns() const { return ns_; }

 private:
  kube::LabelSelector labels_;
  kube::FieldSelector fields_;
  std::vector<std::pair<std::string, std::string>> renamed_;  // fields that are stored under another name
  std::string ns_;
  bool needs_document_ = false;
  const kube::crd::Version* version_ = nullptr;  // of a custom resource
};

}  // namespace gatepost::apiserver
