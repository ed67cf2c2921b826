// A snapshot: what a rehearsal needs of a cluster, in one file. Only what decides about admission, placement and
// readiness is kept; Secrets, environments, commands, volumes, annotations and caBundles never are. Names can be
// masked: the same name always by the same mask within one snapshot, so that selectors and references still meet.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "client/rest.h"
#include "json/value.h"

namespace gatepost::rehearse {

struct SnapshotOptions {
  bool mask = false;
  WallTime now;
  std::function<void(const std::string& resource, std::size_t objects)> progress;
};

struct Snapshot {
  std::string text;  // the file
  std::size_t objects = 0;
  std::vector<std::string> unread;  // what could not be read, one line each; also in the file
};

// Fails where the cluster cannot be reached or the webhook configurations cannot be read.
net::Task<Result<Snapshot>> take_snapshot(client::Rest* rest, SnapshotOptions options);

// The part of an object that a snapshot keeps; for tests and for take_snapshot.
json::Value kept_part(const json::Value& object);

// Masks the names of all objects, which refer to each other.
void mask_names(std::vector<json::Value>& objects, std::string_view salt);

}  // namespace gatepost::rehearse
