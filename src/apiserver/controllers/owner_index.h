// Who is owned by whom: metadata.ownerReferences of all stored objects, by the owner's uid. Kept from the store's
// changes; an object that owns nothing and has no owner costs nothing.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "json/value.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

struct OwnerReference {
  std::string api_version, kind, name, uid;
  bool blocks_deletion = false;  // blockOwnerDeletion
};

std::vector<OwnerReference> owners_of(const json::Value& object);

// A key as one text, and back.
std::string key_text(const storage::Key& key);
storage::Key read_key(std::string_view text);

class OwnerIndex {
 public:
  // Takes the owners of `key` as they are now; true when they are others than before.
  bool put(const storage::Key& key, const std::vector<OwnerReference>& owners);
  void erase(const storage::Key& key);
  bool knows(const storage::Key& key) const { return owners_.contains(key_text(key)); }
  bool empty() const { return dependents_.empty(); }
  // Keys, as texts, of what `uid` owns.
  std::vector<std::string> dependents(const std::string& uid) const;
  std::vector<std::string> owner_uids(const storage::Key& key) const;

 private:
  std::unordered_map<std::string, std::unordered_set<std::string>> dependents_;  // owner's uid -> keys
  std::unordered_map<std::string, std::vector<std::string>> owners_;             // key -> owners' uids
};

}  // namespace gatepost::apiserver
