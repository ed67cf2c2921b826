// Rules of every object: metadata, labels, annotations, selectors (apimachinery's api/validation and
// apis/meta/v1/validation).
#pragma once

#include "formats/names.h"
#include "kube/registry/registry.h"
#include "kube/validation/field.h"

namespace gatepost::kube {

using NameForm = formats::Complaints (*)(std::string_view);

// The form that names of this resource's objects must have.
NameForm name_form(const ResourceInfo& resource);

// Whether a finalizer without a domain must be one of Kubernetes' own: so for all but the newest kinds.
enum class Finalizers { known, any };

void validate_metadata(Errors& errors, const Field& metadata, bool namespaced, NameForm form,
                       Finalizers finalizers = Finalizers::known);
// The metadata of a template: labels, annotations and finalizers only.
void validate_template_metadata(Errors& errors, const Field& metadata);
void validate_metadata_update(Errors& errors, const Field& metadata, const Field& old_metadata,
                              Finalizers finalizers = Finalizers::known);

// Whether a LabelSelector object selects these labels; an absent one selects nothing.
enum class Selection { selects, passes_by, unreadable };
Selection select(const Field& selector, const Field& labels);

void validate_labels(Errors& errors, const Field& labels);
void validate_annotations(Errors& errors, const Field& annotations);

enum class SelectorValues { checked, any };
void validate_label_selector(Errors& errors, const Field& selector, SelectorValues values = SelectorValues::checked);

}  // namespace gatepost::kube
