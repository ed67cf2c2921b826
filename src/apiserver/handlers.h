// The verbs of resources, one file each: handle_<verb>.cpp. Each takes a call that was routed, authenticated and
// authorised, and gives its answer or the Status that refuses it.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

Handled<> handle_create(Call& call);
Handled<> handle_get(Call& call);
Handled<> handle_list(Call& call);
Handled<> handle_watch(Call& call);
Handled<> handle_update(Call& call);
Handled<> handle_patch(Call& call);
Handled<> handle_delete(Call& call);
Handled<> handle_deletecollection(Call& call);

// Subresources with meaning of their own: scale, eviction, binding, finalize, token. status is a plain update.
Handled<> handle_subresource(Call& call);
// serviceaccounts/token.
Handled<> handle_token(Call& call);
// pods/log, exec, attach, portforward.
Handled<> handle_kubelet(Call& call);
// Kinds that are only asked, never stored: SubjectAccessReview and its like, TokenReview.
Handled<> handle_virtual(Call& call);

}  // namespace gatepost::apiserver
