// The process that started us, which may die without having ended us.
#pragma once

#include <string>

namespace gatepost::envtest {

// Ends this process with SIGTERM when its parent has gone. `only_of_parent` is a directory that then nobody will
// remove: it is removed when it is one of those that envtest makes for itself (k8s_test_framework_* in the directory
// for temporary files). Call once, at the start; the parent of that moment is the one watched.
void end_with_parent(const std::string& only_of_parent);

// Removes what was left behind, if the parent has gone. For the end of the program.
void tidy_up_after_parent();

}  // namespace gatepost::envtest
