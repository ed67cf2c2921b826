// Names of this folder's types, for headers that only pass them on.
#pragma once

namespace gatepost::diagnose {

struct Backend;
struct Case;
struct Cluster;
struct Patient;
struct Subject;

}  // namespace gatepost::diagnose
