// What is being admitted: one write on its way to the store, as the admission plugins see it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "json/value.h"

namespace gatepost::admission {

enum class Operation { create, update, remove, connect };

struct Kind {
  std::string group, version, kind;
  bool operator==(const Kind&) const = default;
};

struct Resource {
  std::string group, version, resource;
  bool operator==(const Resource&) const = default;
};

struct UserInfo {
  std::string name, uid;
  std::vector<std::string> groups;
  std::map<std::string, std::vector<std::string>> extra;
};

// `object` and `old_object` are in the version of the request (`kind`). A mutating webhook replaces `object` in place.
// Null values stand for "no object" (object on delete, old_object on create).
struct Attributes {
  Operation operation = Operation::create;
  Kind kind;                                // of the request's object: for subresources theirs (Scale, Eviction)
  Resource resource;                        // as in the request's URL
  std::string subresource;                  // empty: none
  std::string ns, name;                     // name may be empty for generateName before it is made
  json::Value object, old_object, options;  // options: CreateOptions, ... with kind and apiVersion; null: none
  bool dry_run = false;
  UserInfo user;
};

// What the webhooks leave beside their verdict.
struct Trail {
  std::vector<std::string> warnings;                             // for the Warning header, in order, without duplicates
  std::vector<std::pair<std::string, std::string>> annotations;  // audit annotations, key and value
  std::chrono::nanoseconds mutating{}, validating{};             // spent in webhooks of each kind
};

}  // namespace gatepost::admission
